/** HTTP/1 as far as .NET remoting uses it (MS-NRTP 2.2.4; RFC 9112, RFC 9110). */

export { FILE_DATA, HTTP_FIELDS } from './fields.js';
export { scanHead } from './head.js';
export { standsAt } from './lines.js';
export { type HttpHeading, type HttpMessage, headerValue, headingText } from './message.js';
export { readHttp } from './read.js';
export { isHttpRemoting } from './remoting.js';
export { HTTP_REQUESTS, type HttpRequest } from './requests.js';
export { HTTP_STREAM } from './stream.js';
export { writeHttp } from './write.js';
