package org.gatefold.data.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads WAV: PCM of 8, 16, 24 and 32 bits and floats of 32 and 64, of any rate and number of channels, whose mean is taken, also as
 * WAVE_FORMAT_EXTENSIBLE says them (Microsoft, Multiple Channel Audio Data and WAVE Files, 2007). Stateless.
 */
final class WavFile {
    private static final int RIFF = 0x46464952;
    private static final int WAVE = 0x45564157;
    private static final int FMT = 0x20746d66;
    private static final int DATA = 0x61746164;
    private static final int HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FEWEST_FORMAT_BYTES = 16;
    private static final int EXTENSIBLE_BYTES = 26;

    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xfffe;

    private WavFile() {}

    /** What samples are; a frame is one sample of all channels, in bytes. */
    private record Format(int coding, int channels, int rate, int frame, int bits) {
        float sample(ByteBuffer data, int at) {
            return switch (bits) {
                case 8 -> ((data.get(at) & 0xff) - 128) / 128f;
                case 16 -> data.getShort(at) / 32768f;
                case 24 -> ((data.get(at) & 0xff) | (data.get(at + 1) & 0xff) << 8 | data.get(at + 2) << 16) / 0x1p23f;
                case 32 -> coding == FLOAT ? data.getFloat(at) : data.getInt(at) / 0x1p31f;
                default -> (float) data.getDouble(at);
            };
        }
    }

    /** True if bytes begin as a WAV file does. */
    static boolean is(byte... first) {
        if (first.length < HEADER) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.getInt(0) == RIFF && bytes.getInt(8) == WAVE;
    }

    /**
     * Reads a file. One that ends before its header says is taken as far as it goes, as what was cut off or written to a pipe is.
     *
     * @param source the name for messages
     * @throws IllegalArgumentException if it is damaged, or coded otherwise
     */
    static Recording read(String source, byte... file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        Format format = null;
        int at = HEADER;
        while (at + CHUNK_HEADER <= file.length) {
            long size = Integer.toUnsignedLong(bytes.getInt(at + 4));
            int from = at + CHUNK_HEADER;
            int length = (int) Math.min(size, file.length - from);
            if (bytes.getInt(at) == FMT) {
                format = format(source, bytes.slice(from, length).order(ByteOrder.LITTLE_ENDIAN));
            } else if (bytes.getInt(at) == DATA) {
                if (format == null) {
                    throw new IllegalArgumentException(
                            source + ": is a damaged WAV file: its data stand before its format");
                }
                return new Recording(
                        format.rate(),
                        samples(source, format, bytes.slice(from, length).order(ByteOrder.LITTLE_ENDIAN)));
            }
            // Chunks begin at even places.
            long next = from + size + (size & 1);
            if (next > file.length) {
                break;
            }
            at = (int) next;
        }
        throw new IllegalArgumentException(source + ": is a damaged WAV file: it has no data");
    }

    private static Format format(String source, ByteBuffer chunk) {
        if (chunk.capacity() < FEWEST_FORMAT_BYTES) {
            throw new IllegalArgumentException(source + ": is a damaged WAV file: its format has " + chunk.capacity()
                    + " bytes of at least " + FEWEST_FORMAT_BYTES);
        }
        int coding = Short.toUnsignedInt(chunk.getShort(0));
        if (coding == EXTENSIBLE && chunk.capacity() >= EXTENSIBLE_BYTES) {
            coding = Short.toUnsignedInt(chunk.getShort(24));
        }
        int channels = Short.toUnsignedInt(chunk.getShort(2));
        int rate = chunk.getInt(4);
        int bits = Short.toUnsignedInt(chunk.getShort(14));
        boolean whole = coding == PCM && bits % 8 == 0 && bits >= 8 && bits <= 32;
        if (!whole && !(coding == FLOAT && (bits == 32 || bits == 64))) {
            throw new IllegalArgumentException(
                    source + ": expected WAV of 8, 16, 24 or 32 bits PCM or of 32 or 64 bits float," + " got coding "
                            + coding + " of " + bits + " bits");
        }
        if (channels < 1 || rate < 1 || rate > Recording.MOST_RATE) {
            throw new IllegalArgumentException(source + ": is a damaged WAV file: " + channels + " channels at "
                    + Integer.toUnsignedString(rate) + " Hz");
        }
        return new Format(coding, channels, rate, channels * bits / 8, bits);
    }

    private static float[] samples(String source, Format format, ByteBuffer data) {
        float[] samples = new float[data.capacity() / format.frame()];
        int width = format.bits() / 8;
        for (int i = 0; i < samples.length; i++) {
            double sum = 0;
            for (int channel = 0; channel < format.channels(); channel++) {
                sum += format.sample(data, i * format.frame() + channel * width);
            }
            samples[i] = (float) (sum / format.channels());
            if (!Float.isFinite(samples[i])) {
                throw new IllegalArgumentException(
                        source + ": expected finite samples, got " + samples[i] + " at sample " + i);
            }
        }
        return samples;
    }
}
