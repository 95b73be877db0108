/**
 * What Wireshark 4.0 calls the calls of an interface in its column of protocols: the short name of the dissector that takes
 * the parameters. Asked of tshark, with a bind, a request and an answer for each interface that has a name here.
 */

const TEXT = `
00020400-0000-0000-c000-000000000046 IDispatch
00000131-0000-0000-c000-000000000046 IRemUnknown
00000143-0000-0000-c000-000000000046 IRemUnknown2
99fcfec4-5260-101b-bbcb-00aa0021347a IOXIDResolver
000001a0-0000-0000-c000-000000000046 ISystemActivator
4d9f4ab8-7d1c-11cf-861e-0020af6e7c57 REMACT
e1af8308-5d1f-11c9-91a4-08002b14a0fa EPM
00020401-0000-0000-c000-000000000046 ITypeInfo
b196b283-bab4-101a-b69c-00aa00341d07 IProvideClassInfo
12345778-1234-abcd-ef00-0123456789ac SAMR
12345778-1234-abcd-ef00-0123456789ab LSARPC
12345678-1234-abcd-ef00-01234567cffb RPC_NETLOGON
4b324fc8-1670-01d3-1278-5a47bf6ee188 SRVSVC
6bffd098-a112-3610-9833-46c3f87e345a WKSSVC
367abb81-9844-35f1-ad32-98f038001003 SVCCTL
338cd001-2244-31f1-aaaa-900038001003 WINREG
1ff70682-0a51-30e8-076d-740be8cee98b ATSVC
86d35949-83c9-4044-b424-db363231fd0c TaskSchedulerService
12345678-1234-abcd-ef00-0123456789ab SPOOLSS
76f03f96-cdfd-44fc-a22c-64950a001209 IREMOTEWINSPOOL
e3514235-4b06-11d1-ab04-00c04fc2dcd2 DRSUAPI
3919286a-b10c-11d0-9ba8-00c04fd92ef5 DSSETUP
82273fdc-e32a-18c3-3f78-827929dc23ea EVENTLOG
4fc742e0-4a10-11cf-8273-00aa004ae673 NETDFS
a8e0653c-2744-4389-a61d-7373df8b2292 FSRVP
c681d488-d850-11d0-8c52-00c04fd90f7e EFS
afa8bd80-7d8a-11c9-bef4-08002b102989 MGMT
894de0c0-0d55-11d3-a322-00c04fa321a1 INITSHUTDOWN
50abc2a4-574d-40b3-9d66-ee4fd5fba076 DNSSERVER
ccd8c074-d0e5-4a40-92b4-d074faa6ba28 WITNESS
2f5f6520-ca46-1067-b319-00dd010662da TAPI
5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc Messenger
6bffd098-a112-3610-9833-012892020162 RPC_BROWSER
8d9f4e40-a03d-11ce-8f69-08003e30051b PNP
897e2e5f-93f3-4376-9c9c-fd2277495c27 FRSTRANS
b97db8b2-4c63-11cf-bff6-08002be23f2f CLUSAPI
f5cc5a18-4264-101a-8c59-08002b2f8426 NSPI
a4f1db00-ca47-1067-b31f-00dd010662da MAPI
1544f5e0-613c-11d1-93df-00c04fd7bd09 RFR
8f09f000-b7ed-11ce-bbd2-00001a181cad RRAS
dea00001-6c97-11d1-8271-00a02442df7d PNIO-CM
dea00002-6c97-11d1-8271-00a02442df7d PNIO-CM
dea00003-6c97-11d1-8271-00a02442df7d PNIO-CM
dea00004-6c97-11d1-8271-00a02442df7d PNIO-CM
`;

const NAMES: ReadonlyMap<string, string> = new Map(
  TEXT.trim()
    .split('\n')
    .map((line) => line.split(' ') as [uuid: string, name: string]),
);

/** The name for an interface; undefined where Wireshark has no dissector for it and stays with DCERPC. */
export function columnOf(uuid: string): string | undefined {
  return NAMES.get(uuid);
}
