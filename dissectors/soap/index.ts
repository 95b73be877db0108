/**
 * SOAP as .NET remoting writes it (MS-NRTP 2.2.4.1 over SOAP 1.1).
 */
export { describeSoapCall, describeSoapReturn } from './describe.js';
export { SOAP_FIELDS } from './fields.js';
export { soapToJson } from './json.js';
export { resolve, type SoapMessage, type SoapValue } from './model.js';
export { readSoap } from './read.js';
export { startsAsXml } from './text.js';
export { soapException, soapObjRefs, soapTypes, soapValues } from './walk.js';
