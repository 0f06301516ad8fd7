import { configure } from '@testing-library/react';

// A machine that is busy with other things is no reason to give up after a second.
configure({ asyncUtilTimeout: 20_000 });
