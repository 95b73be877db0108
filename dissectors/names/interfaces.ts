/**
 * Names of RPC and COM interfaces that are met beside those decoded here, and of their operations.
 *
 * Written down from the IDL appendices of Microsoft's open specifications (the document stands with each entry),
 * C706, the Windows SDK's headers (SDK) and the OPC Foundation's (OPC). Where the order of the operations was not
 * certain only the interface has its name. An operation's number follows from its place; `68:Name` jumps ahead.
 */
import { named, type RpcInterface, type RpcOperation } from '../ndr/interface.js';
import { COM_NAMES, type NameTable } from './interfaces-com.js';

/** Interfaces of plain RPC: operations count from 0. */
const RPC_NAMES: NameTable = {
  '12345778-1234-abcd-ef00-0123456789ac': [
    'samr',
    '1.0',
    'MS-SAMR',
    `SamrConnect SamrCloseHandle SamrSetSecurityObject SamrQuerySecurityObject 5:SamrLookupDomainInSamServer
    SamrEnumerateDomainsInSamServer SamrOpenDomain SamrQueryInformationDomain SamrSetInformationDomain
    SamrCreateGroupInDomain SamrEnumerateGroupsInDomain SamrCreateUserInDomain SamrEnumerateUsersInDomain
    SamrCreateAliasInDomain SamrEnumerateAliasesInDomain SamrGetAliasMembership SamrLookupNamesInDomain
    SamrLookupIdsInDomain SamrOpenGroup SamrQueryInformationGroup SamrSetInformationGroup SamrAddMemberToGroup
    SamrDeleteGroup SamrRemoveMemberFromGroup SamrGetMembersInGroup SamrSetMemberAttributesOfGroup SamrOpenAlias
    SamrQueryInformationAlias SamrSetInformationAlias SamrDeleteAlias SamrAddMemberToAlias
    SamrRemoveMemberFromAlias SamrGetMembersInAlias SamrOpenUser SamrDeleteUser SamrQueryInformationUser
    SamrSetInformationUser SamrChangePasswordUser SamrGetGroupsForUser SamrQueryDisplayInformation
    SamrGetDisplayEnumerationIndex 44:SamrGetUserDomainPasswordInformation SamrRemoveMemberFromForeignDomain
    SamrQueryInformationDomain2 SamrQueryInformationUser2 SamrQueryDisplayInformation2
    SamrGetDisplayEnumerationIndex2 SamrCreateUser2InDomain SamrQueryDisplayInformation3
    SamrAddMultipleMembersToAlias SamrRemoveMultipleMembersFromAlias SamrOemChangePasswordUser2
    SamrUnicodeChangePasswordUser2 SamrGetDomainPasswordInformation SamrConnect2 SamrSetInformationUser2
    62:SamrConnect4 64:SamrConnect5 SamrRidToSid SamrSetDSRMPassword SamrValidatePassword`,
  ],
  '12345778-1234-abcd-ef00-0123456789ab': [
    'lsarpc',
    '0.0',
    'MS-LSAD, MS-LSAT',
    `LsarClose 2:LsarEnumeratePrivileges LsarQuerySecurityObject LsarSetSecurityObject 6:LsarOpenPolicy
    LsarQueryInformationPolicy LsarSetInformationPolicy 10:LsarCreateAccount LsarEnumerateAccounts
    LsarCreateTrustedDomain LsarEnumerateTrustedDomains LsarLookupNames LsarLookupSids LsarCreateSecret
    LsarOpenAccount LsarEnumeratePrivilegesAccount LsarAddPrivilegesToAccount LsarRemovePrivilegesFromAccount
    23:LsarGetSystemAccessAccount LsarSetSystemAccessAccount LsarOpenTrustedDomain LsarQueryInfoTrustedDomain
    LsarSetInformationTrustedDomain LsarOpenSecret LsarSetSecret LsarQuerySecret LsarLookupPrivilegeValue
    LsarLookupPrivilegeName LsarLookupPrivilegeDisplayName LsarDeleteObject LsarEnumerateAccountsWithUserRight
    LsarEnumerateAccountRights LsarAddAccountRights LsarRemoveAccountRights LsarQueryTrustedDomainInfo
    LsarSetTrustedDomainInfo LsarDeleteTrustedDomain LsarStorePrivateData LsarRetrievePrivateData LsarOpenPolicy2
    LsarGetUserName LsarQueryInformationPolicy2 LsarSetInformationPolicy2 LsarQueryTrustedDomainInfoByName
    LsarSetTrustedDomainInfoByName LsarEnumerateTrustedDomainsEx LsarCreateTrustedDomainEx
    53:LsarQueryDomainInformationPolicy LsarSetDomainInformationPolicy LsarOpenTrustedDomainByName
    57:LsarLookupSids2 LsarLookupNames2 LsarCreateTrustedDomainEx2 68:LsarLookupNames3
    73:LsarQueryForestTrustInformation LsarSetForestTrustInformation 76:LsarLookupSids3 LsarLookupNames4`,
  ],
  '12345678-1234-abcd-ef00-01234567cffb': [
    'netlogon',
    '1.0',
    'MS-NRPC',
    `NetrLogonUasLogon NetrLogonUasLogoff NetrLogonSamLogon NetrLogonSamLogoff NetrServerReqChallenge
    NetrServerAuthenticate NetrServerPasswordSet NetrDatabaseDeltas NetrDatabaseSync NetrAccountDeltas
    NetrAccountSync NetrGetDCName NetrLogonControl NetrGetAnyDCName NetrLogonControl2 NetrServerAuthenticate2
    NetrDatabaseSync2 NetrDatabaseRedo NetrLogonControl2Ex NetrEnumerateTrustedDomains DsrGetDcName
    NetrLogonGetCapabilities NetrLogonSetServiceBits NetrLogonGetTrustRid NetrLogonComputeServerDigest
    NetrLogonComputeClientDigest NetrServerAuthenticate3 DsrGetDcNameEx DsrGetSiteName NetrLogonGetDomainInfo
    NetrServerPasswordSet2 NetrServerPasswordGet NetrLogonSendToSam DsrAddressToSiteNamesW DsrGetDcNameEx2
    NetrLogonGetTimeServiceParentDomain NetrEnumerateTrustedDomainsEx DsrAddressToSiteNamesExW
    DsrGetDcSiteCoverageW NetrLogonSamLogonEx DsrEnumerateDomainTrusts DsrDeregisterDnsHostRecords
    NetrServerTrustPasswordsGet DsrGetForestTrustInformation NetrGetForestTrustInformation
    NetrLogonSamLogonWithFlags NetrServerGetTrustInfo 48:DsrUpdateReadOnlyServerDnsRecords`,
  ],
  '4b324fc8-1670-01d3-1278-5a47bf6ee188': [
    'srvsvc',
    '3.0',
    'MS-SRVS',
    `8:NetrConnectionEnum NetrFileEnum NetrFileGetInfo NetrFileClose NetrSessionEnum NetrSessionDel NetrShareAdd
    NetrShareEnum NetrShareGetInfo NetrShareSetInfo NetrShareDel NetrShareDelSticky NetrShareCheck
    NetrServerGetInfo NetrServerSetInfo NetrServerDiskEnum NetrServerStatisticsGet NetrServerTransportAdd
    NetrServerTransportEnum NetrServerTransportDel NetrRemoteTOD 30:NetprPathType NetprPathCanonicalize
    NetprPathCompare NetprNameValidate NetprNameCanonicalize NetprNameCompare NetrShareEnumSticky
    NetrShareDelStart NetrShareDelCommit NetrpGetFileSecurity NetrpSetFileSecurity NetrServerTransportAddEx
    43:NetrDfsGetVersion NetrDfsCreateLocalPartition NetrDfsDeleteLocalPartition NetrDfsSetLocalVolumeState
    48:NetrDfsCreateExitPoint NetrDfsDeleteExitPoint NetrDfsModifyPrefix NetrDfsFixLocalVolume
    NetrDfsManagerReportSiteInfo NetrServerTransportDelEx NetrServerAliasAdd NetrServerAliasEnum
    NetrServerAliasDel NetrShareDelEx`,
  ],
  '6bffd098-a112-3610-9833-46c3f87e345a': [
    'wkssvc',
    '1.0',
    'MS-WKST',
    `NetrWkstaGetInfo NetrWkstaSetInfo NetrWkstaUserEnum 5:NetrWkstaTransportEnum NetrWkstaTransportAdd
    NetrWkstaTransportDel NetrUseAdd NetrUseGetInfo NetrUseDel NetrUseEnum 13:NetrWorkstationStatisticsGet
    20:NetrGetJoinInformation 22:NetrJoinDomain2 NetrUnjoinDomain2 NetrRenameMachineInDomain2 NetrValidateName2
    NetrGetJoinableOUs2 NetrAddAlternateComputerName NetrRemoveAlternateComputerName NetrSetPrimaryComputerName
    NetrEnumerateComputerNames`,
  ],
  '367abb81-9844-35f1-ad32-98f038001003': [
    'svcctl',
    '2.0',
    'MS-SCMR',
    `RCloseServiceHandle RControlService RDeleteService RLockServiceDatabase RQueryServiceObjectSecurity
    RSetServiceObjectSecurity RQueryServiceStatus RSetServiceStatus RUnlockServiceDatabase RNotifyBootConfigStatus
    11:RChangeServiceConfigW RCreateServiceW REnumDependentServicesW REnumServicesStatusW ROpenSCManagerW
    ROpenServiceW RQueryServiceConfigW RQueryServiceLockStatusW RStartServiceW RGetServiceDisplayNameW
    RGetServiceKeyNameW 23:RChangeServiceConfigA RCreateServiceA REnumDependentServicesA REnumServicesStatusA
    ROpenSCManagerA ROpenServiceA RQueryServiceConfigA RQueryServiceLockStatusA RStartServiceA
    RGetServiceDisplayNameA RGetServiceKeyNameA 35:REnumServiceGroupW RChangeServiceConfig2A
    RChangeServiceConfig2W RQueryServiceConfig2A RQueryServiceConfig2W RQueryServiceStatusEx
    REnumServicesStatusExA REnumServicesStatusExW 44:RCreateServiceWOW64A RCreateServiceWOW64W
    47:RNotifyServiceStatusChange RGetNotifyResults RCloseNotifyHandle RControlServiceExA RControlServiceExW
    56:RQueryServiceConfigEx 60:RCreateWowService 64:ROpenSCManager2`,
  ],
  '338cd001-2244-31f1-aaaa-900038001003': [
    'winreg',
    '1.0',
    'MS-RRP',
    `OpenClassesRoot OpenCurrentUser OpenLocalMachine OpenPerformanceData OpenUsers BaseRegCloseKey
    BaseRegCreateKey BaseRegDeleteKey BaseRegDeleteValue BaseRegEnumKey BaseRegEnumValue BaseRegFlushKey
    BaseRegGetKeySecurity BaseRegLoadKey 15:BaseRegOpenKey BaseRegQueryInfoKey BaseRegQueryValue BaseRegReplaceKey
    BaseRegRestoreKey BaseRegSaveKey BaseRegSetKeySecurity BaseRegSetValue BaseRegUnLoadKey 26:BaseRegGetVersion
    OpenCurrentConfig 29:BaseRegQueryMultipleValues 31:BaseRegSaveKeyEx OpenPerformanceText
    OpenPerformanceNlsText BaseRegQueryMultipleValues2 BaseRegDeleteKeyEx`,
  ],
  '1ff70682-0a51-30e8-076d-740be8cee98b': [
    'atsvc',
    '1.0',
    'MS-TSCH',
    'NetrJobAdd NetrJobDel NetrJobEnum NetrJobGetInfo',
  ],
  '378e52b0-c0a9-11cf-822d-00aa0051e40f': [
    'SASec',
    '1.0',
    'MS-TSCH',
    'SASetAccountInformation SASetNSAccountInformation SAGetNSAccountInformation SAGetAccountInformation',
  ],
  '86d35949-83c9-4044-b424-db363231fd0c': [
    'ITaskSchedulerService',
    '1.0',
    'MS-TSCH',
    `SchRpcHighestVersion SchRpcRegisterTask SchRpcRetrieveTask SchRpcCreateFolder SchRpcSetSecurity
    SchRpcGetSecurity SchRpcEnumFolders SchRpcEnumTasks SchRpcEnumInstances SchRpcGetInstanceInfo
    SchRpcStopInstance SchRpcStop SchRpcRun SchRpcDelete SchRpcRename SchRpcScheduledRuntimes
    SchRpcGetLastRunInfo SchRpcGetTaskInfo SchRpcGetNumberOfMissedRuns SchRpcEnableTask`,
  ],
  '12345678-1234-abcd-ef00-0123456789ab': [
    'spoolss',
    '1.0',
    'MS-RPRN',
    `RpcEnumPrinters RpcOpenPrinter RpcSetJob RpcGetJob RpcEnumJobs RpcAddPrinter RpcDeletePrinter RpcSetPrinter
    RpcGetPrinter RpcAddPrinterDriver RpcEnumPrinterDrivers RpcGetPrinterDriver RpcGetPrinterDriverDirectory
    RpcDeletePrinterDriver RpcAddPrintProcessor RpcEnumPrintProcessors RpcGetPrintProcessorDirectory
    RpcStartDocPrinter RpcStartPagePrinter RpcWritePrinter RpcEndPagePrinter RpcAbortPrinter RpcReadPrinter
    RpcEndDocPrinter RpcAddJob RpcScheduleJob RpcGetPrinterData RpcSetPrinterData RpcWaitForPrinterChange
    RpcClosePrinter RpcAddForm RpcDeleteForm RpcGetForm RpcSetForm RpcEnumForms RpcEnumPorts RpcEnumMonitors
    RpcAddPort RpcConfigurePort RpcDeletePort RpcCreatePrinterIC RpcPlayGdiScriptOnPrinterIC RpcDeletePrinterIC
    46:RpcAddMonitor RpcDeleteMonitor RpcDeletePrintProcessor 51:RpcEnumPrintProcessorDatatypes RpcResetPrinter
    RpcGetPrinterDriver2 56:RpcFindClosePrinterChangeNotification 58:RpcReplyOpenPrinter RpcRouterReplyPrinter
    RpcReplyClosePrinter RpcAddPortEx RpcRemoteFindFirstPrinterChangeNotification
    65:RpcRemoteFindFirstPrinterChangeNotificationEx RpcRouterReplyPrinterEx
    RpcRouterRefreshPrinterChangeNotification 69:RpcOpenPrinterEx RpcAddPrinterEx RpcSetPort RpcEnumPrinterData
    RpcDeletePrinterData 77:RpcSetPrinterDataEx RpcGetPrinterDataEx RpcEnumPrinterDataEx RpcEnumPrinterKey
    RpcDeletePrinterDataEx RpcDeletePrinterKey 84:RpcDeletePrinterDriverEx RpcAddPerMachineConnection
    RpcDeletePerMachineConnection RpcEnumPerMachineConnections RpcXcvData RpcAddPrinterDriverEx
    97:RpcSendRecvBidiData 102:RpcGetCorePrinterDrivers 104:RpcGetPrinterDriverPackagePath`,
  ],
  '76f03f96-cdfd-44fc-a22c-64950a001209': [
    'IRemoteWinspool',
    '1.0',
    'MS-PAR',
    `RpcAsyncOpenPrinter RpcAsyncAddPrinter RpcAsyncSetJob RpcAsyncGetJob RpcAsyncEnumJobs RpcAsyncAddJob
    RpcAsyncScheduleJob RpcAsyncDeletePrinter RpcAsyncSetPrinter RpcAsyncGetPrinter RpcAsyncStartDocPrinter
    RpcAsyncStartPagePrinter RpcAsyncWritePrinter RpcAsyncEndPagePrinter RpcAsyncEndDocPrinter
    RpcAsyncAbortPrinter RpcAsyncGetPrinterData RpcAsyncGetPrinterDataEx RpcAsyncSetPrinterData
    RpcAsyncSetPrinterDataEx RpcAsyncClosePrinter 38:RpcAsyncEnumPrinters RpcAsyncAddPrinterDriver`,
  ],
  'e3514235-4b06-11d1-ab04-00c04fc2dcd2': [
    'drsuapi',
    '4.0',
    'MS-DRSR',
    `IDL_DRSBind IDL_DRSUnbind IDL_DRSReplicaSync IDL_DRSGetNCChanges IDL_DRSUpdateRefs IDL_DRSReplicaAdd
    IDL_DRSReplicaDel IDL_DRSReplicaModify IDL_DRSVerifyNames IDL_DRSGetMemberships IDL_DRSInterDomainMove
    IDL_DRSGetNT4ChangeLog IDL_DRSCrackNames IDL_DRSWriteSPN IDL_DRSRemoveDsServer IDL_DRSRemoveDsDomain
    IDL_DRSDomainControllerInfo IDL_DRSAddEntry IDL_DRSExecuteKCC IDL_DRSGetReplInfo IDL_DRSAddSidHistory
    IDL_DRSGetMemberships2 IDL_DRSReplicaVerifyObjects IDL_DRSGetObjectExistence IDL_DRSQuerySitesByCost
    IDL_DRSInitDemotion IDL_DRSReplicaDemotion IDL_DRSFinishDemotion IDL_DRSAddCloneDC IDL_DRSWriteNgcKey
    IDL_DRSReadNgcKey`,
  ],
  '7c44d7d4-31d5-424c-bd5e-2b3e1f323d22': ['dsaop', '1.0', 'MS-DRSR', 'IDL_DSAPrepareScript IDL_DSAExecuteScript'],
  '3919286a-b10c-11d0-9ba8-00c04fd92ef5': ['dssetup', '0.0', 'MS-DSSP', 'DsRolerGetPrimaryDomainInformation'],
  '82273fdc-e32a-18c3-3f78-827929dc23ea': [
    'eventlog',
    '0.0',
    'MS-EVEN',
    `ElfrClearELFW ElfrBackupELFW ElfrCloseEL ElfrDeregisterEventSource ElfrNumberOfRecords ElfrOldestRecord
    ElfrChangeNotify ElfrOpenELW ElfrRegisterEventSourceW ElfrOpenBELW ElfrReadELW ElfrReportEventW ElfrClearELFA
    ElfrBackupELFA ElfrOpenELA ElfrRegisterEventSourceA ElfrOpenBELA ElfrReadELA ElfrReportEventA
    22:ElfrGetLogInformation 24:ElfrReportEventAndSourceW ElfrReportEventExW ElfrReportEventExA`,
  ],
  'f6beaff7-1e19-4fbb-9f8f-b89e2018337c': [
    'IEventService',
    '1.0',
    'MS-EVEN6',
    `EvtRpcRegisterRemoteSubscription EvtRpcRemoteSubscriptionNextAsync EvtRpcRemoteSubscriptionNext
    EvtRpcRemoteSubscriptionWaitAsync EvtRpcRegisterControllableOperation EvtRpcRegisterLogQuery EvtRpcClearLog
    EvtRpcExportLog EvtRpcLocalizeExportLog EvtRpcMessageRender EvtRpcMessageRenderDefault EvtRpcQueryNext
    EvtRpcQuerySeek EvtRpcClose EvtRpcCancel EvtRpcAssertConfig EvtRpcRetractConfig EvtRpcOpenLogHandle
    EvtRpcGetLogFileInfo EvtRpcGetChannelList EvtRpcGetChannelConfig EvtRpcPutChannelConfig
    EvtRpcGetPublisherList EvtRpcGetPublisherListForChannel EvtRpcGetPublisherMetadata
    EvtRpcGetPublisherResourceMetadata EvtRpcGetEventMetadataEnum EvtRpcGetNextEventMetadata
    EvtRpcGetClassicLogDisplayName`,
  ],
  '4fc742e0-4a10-11cf-8273-00aa004ae673': [
    'netdfs',
    '3.0',
    'MS-DFSNM',
    `NetrDfsManagerGetVersion NetrDfsAdd NetrDfsRemove NetrDfsSetInfo NetrDfsGetInfo NetrDfsEnum NetrDfsMove
    10:NetrDfsAddFtRoot NetrDfsRemoveFtRoot NetrDfsAddStdRoot NetrDfsRemoveStdRoot NetrDfsManagerInitialize
    NetrDfsAddStdRootForced NetrDfsGetDcAddress NetrDfsSetDcAddress NetrDfsFlushFtTable NetrDfsAdd2
    NetrDfsRemove2 NetrDfsEnumEx NetrDfsSetInfo2 NetrDfsAddRootTarget NetrDfsRemoveRootTarget
    NetrDfsGetSupportedNamespaceVersion`,
  ],
  'a8e0653c-2744-4389-a61d-7373df8b2292': [
    'FileServerVssAgent',
    '1.0',
    'MS-FSRVP',
    `GetSupportedVersion SetContext StartShadowCopySet AddToShadowCopySet CommitShadowCopySet ExposeShadowCopySet
    RecoveryCompleteShadowCopySet AbortShadowCopySet IsPathSupported IsPathShadowCopied GetShareMapping
    DeleteShareMapping PrepareShadowCopySet`,
  ],
  'df1941c5-fe89-4e79-bf10-463657acf44d': ['efsrpc', '1.0', 'MS-EFSR', efsOperations()],
  'c681d488-d850-11d0-8c52-00c04fd90f7e': ['efsrpc', '1.0', 'MS-EFSR', efsOperations()],
  '91ae6020-9e3c-11cf-8d7c-00aa00c091be': ['ICertPassage', '0.0', 'MS-ICPR', 'CertServerRequest'],
  '3dde7c30-165d-11d1-ab8f-00805f14db40': ['BackupKey', '1.0', 'MS-BKRP', 'BackuprKey'],
  'b9785960-524f-11df-8b6d-83dcded72085': ['ISDKey', '1.0', 'MS-GKDI', 'GetKey'],
  'afa8bd80-7d8a-11c9-bef4-08002b102989': [
    'mgmt',
    '1.0',
    'C706 appendix Q',
    'inq_if_ids inq_stats is_server_listening stop_server_listening inq_princ_name',
  ],
  '894de0c0-0d55-11d3-a322-00c04fa321a1': [
    'InitShutdown',
    '1.0',
    'MS-RSP',
    'BaseInitiateShutdown BaseAbortShutdown BaseInitiateShutdownEx',
  ],
  'd95afe70-a6d5-4259-822e-2c84da1ddb0d': [
    'WindowsShutdown',
    '1.0',
    'MS-RSP',
    'WsdrInitiateShutdown WsdrAbortShutdown',
  ],
  '50abc2a4-574d-40b3-9d66-ee4fd5fba076': [
    'DnsServer',
    '5.0',
    'MS-DNSP',
    `R_DnssrvOperation R_DnssrvQuery R_DnssrvComplexOperation R_DnssrvEnumRecords R_DnssrvUpdateRecord
    R_DnssrvOperation2 R_DnssrvQuery2 R_DnssrvComplexOperation2 R_DnssrvEnumRecords2 R_DnssrvUpdateRecord2`,
  ],
  'ccd8c074-d0e5-4a40-92b4-d074faa6ba28': [
    'Witness',
    '1.1',
    'MS-SWN',
    'WitnessrGetInterfaceList WitnessrRegister WitnessrUnRegister WitnessrAsyncNotify WitnessrRegisterEx',
  ],
  '2f5f6520-ca46-1067-b319-00dd010662da': ['tapsrv', '1.0', 'MS-TRP', 'ClientAttach ClientRequest ClientDetach'],
  '906b0ce0-c70b-1067-b317-00dd010662da': [
    'IXnRemote',
    '1.0',
    'MS-CMPO',
    'Poke BuildContext NegotiateResources SendReceive TearDownContext BeginTearDown PokeW BuildContextW',
  ],
  '5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc': ['msgsvcsend', '1.0', 'MS-MSRP', 'NetrSendMessage'],
  '17fdd703-1827-4e34-79d4-24a55c53bb37': ['msgsvc', '1.0', 'MS-MSRP'],
  '6bffd098-a112-3610-9833-012892020162': ['browser', '0.0', 'MS-BRWSA'],
  '6bffd098-a112-3610-9833-46c3f874532d': ['dhcpsrv', '1.0', 'MS-DHCPM'],
  '5b821720-f63b-11d0-aad2-00c04fc324db': ['dhcpsrv2', '1.0', 'MS-DHCPM'],
  '8d9f4e40-a03d-11ce-8f69-08003e30051b': ['pnp', '1.0', 'SDK'],
  '8fb6d884-2388-11d0-8c35-00c04fda2795': ['W32Time', '4.1', 'MS-W32T'],
  '897e2e5f-93f3-4376-9c9c-fd2277495c27': ['FrsTransport', '1.0', 'MS-FRS2'],
  'b97db8b2-4c63-11cf-bff6-08002be23f2f': ['ClusAPI', '3.0', 'MS-CMRP'],
  '0b1c2170-5732-4e0e-8cd3-d9b16f3b84d7': ['authzr', '0.0', 'MS-RAA'],
  'afc07e2e-311c-4435-808c-c483ffeec7c9': ['lsacap', '1.0', 'MS-CAPR', 'LsarGetAvailableCAPIDs'],
  'f5cc5a18-4264-101a-8c59-08002b2f8426': ['nspi', '56.0', 'MS-NSPI'],
  'a4f1db00-ca47-1067-b31f-00dd010662da': ['emsmdb', '0.81', 'MS-OXCRPC'],
  '1544f5e0-613c-11d1-93df-00c04fd7bd09': ['rfri', '1.0', 'MS-OXABREF'],
  '44e265dd-7daf-42cd-8560-3cdb6e7a2729': ['TsProxyRpcInterface', '1.3', 'MS-TSGU'],
  '5ca4a760-ebb1-11cf-8611-00a0245420ed': ['winstation_rpc', '1.0', 'MS-TSTS'],
  '484809d6-4239-471b-b5bc-61df8c23ac48': ['TermSrvSession', '1.0', 'MS-TSTS'],
  'da5a86c5-12c2-4943-ab30-7f74a813d853': ['PerflibV2', '1.0', 'MS-PCQ'],
  '8f09f000-b7ed-11ce-bbd2-00001a181cad': ['dimsvc', '0.0', 'MS-RRASM'],
  '20610036-fa22-11cf-9823-00a0c911e5df': ['rasrpc', '1.0', 'MS-RRASM'],
  '2f5f6521-ca47-1068-b319-00dd010662db': ['remotesp', '1.0', 'MS-TRP'],
  'fdb3a030-065f-11d1-bb9b-00a024ea5525': ['qmcomm', '1.0', 'MS-MQMP'],
  '76d12b80-3467-11d3-91ff-0090272f9ea3': ['qmcomm2', '1.0', 'MS-MQMP'],
  '45f52c28-7f9f-101a-b52b-08002b2efabe': ['winsif', '1.0', 'MS-RAIW'],
  '811109bf-a4e1-11d1-ab54-00a0c91e9b45': ['winsi2', '1.0', 'MS-RAIW'],
  '342cfd40-3c6c-11ce-a893-08002b2e9c6d': ['llsrpc', '0.0', 'MS-LLSRP'],
  '3473dd4d-2e88-4006-9cba-22570909dd10': ['IWinHttpAutoProxySvc', '5.1', 'SDK'],
  'dea00001-6c97-11d1-8271-00a02442df7d': ['PNIO-Device', '1.0', 'IEC 61158-6-10', profinetOperations()],
  'dea00002-6c97-11d1-8271-00a02442df7d': ['PNIO-Controller', '1.0', 'IEC 61158-6-10', profinetOperations()],
  'dea00003-6c97-11d1-8271-00a02442df7d': ['PNIO-Supervisor', '1.0', 'IEC 61158-6-10', profinetOperations()],
  'dea00004-6c97-11d1-8271-00a02442df7d': ['PNIO-ParameterServer', '1.0', 'IEC 61158-6-10', profinetOperations()],
};

function efsOperations(): string {
  return `EfsRpcOpenFileRaw EfsRpcReadFileRaw EfsRpcWriteFileRaw EfsRpcCloseRaw EfsRpcEncryptFileSrv
  EfsRpcDecryptFileSrv EfsRpcQueryUsersOnFile EfsRpcQueryRecoveryAgents EfsRpcRemoveUsersFromFile
  EfsRpcAddUsersToFile 11:EfsRpcNotSupported EfsRpcFileKeyInfo EfsRpcDuplicateEncryptionInfoFile
  15:EfsRpcAddUsersToFileEx EfsRpcFileKeyInfoEx 18:EfsRpcGetEncryptedFileMetadata
  EfsRpcSetEncryptedFileMetadata EfsRpcFlushEfsCache EfsRpcEncryptFileExSrv EfsRpcQueryProtectors`;
}

function profinetOperations(): string {
  return 'Connect Release Read Write Control ReadImplicit';
}

/** `Name 5:Other` as operations, the first one's number being `from`. */
export function namedOperations(text: string, from: number): Record<number, RpcOperation> {
  const ops: Record<number, RpcOperation> = {};
  let opnum = from;
  for (const word of text.split(/\s+/)) {
    const [, jump, name] = /^(?:(\d+):)?(.*)$/.exec(word) ?? [];
    if (!name) continue;
    if (jump) opnum = Number(jump);
    ops[opnum++] = named(name);
  }
  return ops;
}

function interfacesOf(table: NameTable, orpc: boolean): RpcInterface[] {
  return Object.entries(table).map(([uuid, [name, version, spec, ops = '']]) => ({
    name,
    uuid,
    version,
    spec,
    orpc,
    notInWireshark: orpc ? true : undefined,
    // the first three of a COM interface are IUnknown's, which never go over the wire
    ops: namedOperations(ops, orpc ? 3 : 0),
  }));
}

/** Interfaces of which names alone are known. */
export const NAMED_INTERFACES: readonly RpcInterface[] = [
  ...interfacesOf(RPC_NAMES, false),
  ...interfacesOf(COM_NAMES, true),
];
