import { createHash } from 'node:crypto';
import type { RunScript } from '../src/embedded/database/migrate.ts';

export const TYPES_FILE = 'supabase/functions/_shared/database.types.ts';

const COLUMNS = `
  select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
    a.atthasdef, a.attidentity, a.attgenerated
  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and a.attnum > 0 and not a.attisdropped
  order by c.relname, a.attname`;

const KEYS = `
  select k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid) as definition
  from pg_catalog.pg_constraint k
  where k.connamespace = 'public'::regnamespace and k.contype in ('f', 'p', 'u')
  order by 1, 2`;

const FUNCTIONS = `
  select p.proname, pg_get_function_arguments(p.oid) as arguments,
    pg_get_function_result(p.oid) as result
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::regnamespace
  order by 1, 2`;

const TYPES = `
  select t.typname, array_agg(e.enumlabel order by e.enumsortorder) as labels
  from pg_catalog.pg_type t join pg_catalog.pg_enum e on e.enumtypid = t.oid
  where t.typnamespace = 'public'::regnamespace
  group by t.typname order by 1`;

/** All of the public schema that types are made of, as text. */
export const describeSchema = async (run: RunScript): Promise<string> => {
  const parts: unknown[] = [];
  for (const sql of [COLUMNS, KEYS, FUNCTIONS, TYPES]) parts.push(await run(sql));
  return JSON.stringify(parts);
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The types under a heading that says of which schema they are, and of which text. */
export const sealTypes = (types: string, description: string): string =>
  `// Written by \`npm run types\` with the Supabase CLI; edit the migrations, not this file.
// schema ${sha256(description)}
// types  ${sha256(types)}
${types}`;

/** The types of a sealed file, without their heading. */
export const withoutSeal = (text: string): string => text.split('\n').slice(3).join('\n');
