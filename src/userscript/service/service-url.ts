/** Where the script came from; filled in by the service when it gives the script out. */
export const SERVICE_URL = '{{service_url}}';
