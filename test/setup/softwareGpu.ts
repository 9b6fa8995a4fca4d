import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Vulkan in software, as Debian's Chromium brings it: WebGPU on a machine that has no GPU. */
const ICD = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The environment in which WebGPU runs on the CPU, or null where the system has not what it takes. */
export function softwareGpu(): { VK_ICD_FILENAMES: string } | null {
  return existsSync(ICD) && hasVulkanLoader() ? { VK_ICD_FILENAMES: ICD } : null;
}

export function hasVulkanLoader(): boolean {
  return /libvulkan\.so\.1/.test(spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '');
}
