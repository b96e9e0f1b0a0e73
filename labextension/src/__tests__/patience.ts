/** Loaded before each test: a busy machine is slow, not wrong. */
import { configure } from '@testing-library/react';

configure({ asyncUtilTimeout: 30_000 });
