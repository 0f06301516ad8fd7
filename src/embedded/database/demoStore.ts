/** The shop that a newcomer sees; supabase/seed.sql holds the same ids. */
export const DEMO_ORG_ID = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e01';
export const DEMO_STORE_ID = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';
export const DEMO_TIME_ZONE = 'Asia/Seoul';
