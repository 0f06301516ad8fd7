/** The zone, or UTC where this browser does not know it: so reads the database one that it does not know. */
export const knownTimeZone = (written: string): string => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: written });
    return written;
  } catch {
    return 'UTC';
  }
};
