/** Counts packets with pcap-parser, for comparison. */
import pcapp from 'pcap-parser';

let packets = 0;
pcapp
  .parse(process.argv[2])
  .on('packet', () => {
    packets++;
  })
  .on('end', () => console.log(packets));
