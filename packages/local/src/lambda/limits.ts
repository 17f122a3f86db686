/** Lambda quotas, in bytes (API reference, Invoke: 6 MB synchronous, 1 MB asynchronous). */
export const SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
export const ASYNC_PAYLOAD_BYTES = 1024 * 1024;
