/** The file that `-w` names: pcapng, or pcap where that is asked for. `-` is standard output. */
import { isatty } from 'node:tty';
import type { CaptureBlock, Packet } from '../../capture/open.js';
import { PcapWriter } from '../../capture/pcap-write.js';
import { PcapngWriter } from '../../capture/pcapng/write.js';
import type { Job } from '../job.js';
import { UsageError } from '../options.js';
import { OutFile } from '../out-file.js';

/** Bytes that are gathered before they are written. */
const BLOCK = 1 << 18;

/** Formats of `-F`. */
export type PacketFormat = 'pcapng' | 'pcap';

/** Takes packets and blocks, in order. What is there is not touched before the first of them. */
export class PacketFile {
  private readonly out: OutFile;
  private readonly pcapng: PcapngWriter | null;
  private readonly pcap: PcapWriter | null;
  private readonly gathered = new Uint8Array(BLOCK);
  private size = 0;

  /**
   * @throws UsageError where the target is one of the inputs, a folder or a terminal
   */
  constructor(target: string, format: PacketFormat, { inputs, secrets }: Pick<Job, 'inputs' | 'secrets'>) {
    this.out = new OutFile(target, { inputs, secret: secrets !== null, option: '-w' });
    if (this.out.isPrinted && isatty(1))
      throw new UsageError('-w - writes a capture, which is nothing for a terminal: name a file, or pipe it on');
    const write = (bytes: Uint8Array): void => this.add(bytes);
    this.pcapng = format === 'pcapng' ? new PcapngWriter(write) : null;
    this.pcap = format === 'pcap' ? new PcapWriter(write) : null;
  }

  /** Blocks that were left out because they hold secrets. */
  get secrets(): number {
    return this.pcapng?.secrets ?? 0;
  }

  /** The next capture begins. */
  begin(): void {
    this.pcapng?.begin();
  }

  /** What stands between packets goes along where there is room for it. */
  block(block: CaptureBlock): void {
    this.pcapng?.block(block);
  }

  packet(packet: Packet, comments?: readonly string[]): void {
    this.pcapng?.packet(packet, comments);
    this.pcap?.packet(packet);
  }

  /** Writes what was gathered. */
  flush(): void {
    const { size } = this;
    this.size = 0;
    if (size > 0) this.out.bytes(this.gathered.subarray(0, size));
  }

  close(): void {
    this.pcapng?.end();
    this.pcap?.end();
    this.flush();
    this.out.close();
  }

  private add(bytes: Uint8Array): void {
    if (this.size + bytes.length > BLOCK) this.flush();
    if (bytes.length > BLOCK) {
      this.out.bytes(bytes);
      return;
    }
    this.gathered.set(bytes, this.size);
    this.size += bytes.length;
  }
}
