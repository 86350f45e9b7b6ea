/** The crop that the VAE's card has PyTorch's numbers of: 64 × 64 × 3 interleaved (`pattern` in models/train/vae/export.py). */
export const vaePattern = (): Uint8Array =>
  Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % 64, Math.floor(i / 3 / 64)];
    return (3 * x + 2 * y + 40 * c + Math.floor((x * y) / 16)) % 256;
  });
