/** What uploads to a Supabase project need beside its address, and where each comes from. */
const NEEDS = {
  SUPABASE_ANON_KEY: 'Supabase dashboard → API keys: the publishable (anon) key',
  ORG_ID: 'in the SQL editor: select org_id from stores;',
  INGEST_TOKEN: 'npm run token -- create --label shop',
  PHONE_HASH_SECRET: 'npm run secret',
} as const;

type Name = keyof typeof NEEDS;

/** A setting without which nothing can be uploaded, and how to come by it. */
export interface UploadNeed {
  readonly setting: Name;
  readonly from: string;
}

/**
 * What the uploads of these settings still need; nothing where there is no project, or no upload.
 * Until it is given they are held: everything is saved, nothing is sent.
 */
export const missingForUploads = (
  given: { readonly [name in Name | 'SUPABASE_URL']?: string | undefined } & {
    readonly ENABLE_UPLOAD: boolean;
  },
): ReadonlyArray<UploadNeed> =>
  given.SUPABASE_URL !== undefined && given.ENABLE_UPLOAD
    ? (Object.keys(NEEDS) as ReadonlyArray<Name>)
        .filter((setting) => given[setting] === undefined)
        .map((setting) => ({ setting, from: NEEDS[setting] }))
    : [];
