package org.gatefold.data.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that Java's own writer wrote, and some made by hand of what it does not write. */
class WavFileTest {
    private static final double[] LEFT = {0, 0.5, -0.5, 0.25, -0.875};

    /** The bytes of a sample in little-endian order. */
    private static byte[] coded(double value, int bits) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        long whole = Math.round(value * (1L << (bits - 1)));
        bytes.putLong(bits == 8 ? whole + 128 : whole);
        return Arrays.copyOf(bytes.array(), bits / 8);
    }

    /** All channels, the second and later ones silent. */
    private static byte[] data(int bits, int channels) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (double value : LEFT) {
            for (int channel = 0; channel < channels; channel++) {
                out.write(coded(channel == 0 ? value : 0, bits));
            }
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"8,1,8000", "16,1,11025", "16,2,44100", "24,1,48000", "24,2,96000", "32,1,16000", "32,3,22050"})
    void readsWhatJavaWrites(int bits, int channels, int rate) throws IOException {
        byte[] data = data(bits, channels);
        AudioFormat format = new AudioFormat(
                bits == 8 ? AudioFormat.Encoding.PCM_UNSIGNED : AudioFormat.Encoding.PCM_SIGNED,
                rate,
                bits,
                channels,
                channels * bits / 8,
                rate,
                false);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(data), format, LEFT.length),
                AudioFileFormat.Type.WAVE,
                file);
        requireLeft(WavFile.read("a.wav", file.toByteArray()), rate, channels);
    }

    private static void requireLeft(Recording recording, int rate, int channels) {
        assertThat(recording.rate()).isEqualTo(rate);
        assertThat(recording.samples()).hasSize(LEFT.length);
        for (int i = 0; i < LEFT.length; i++) {
            assertThat(recording.samples()[i]).isCloseTo((float) (LEFT[i] / channels), within(1e-6f));
        }
    }

    /** A file with a chunk of odd length before its data. */
    private static byte[] wav(int coding, int bits, byte[] extension, byte... data) {
        ByteBuffer file = ByteBuffer.allocate(12 + 8 + 16 + extension.length + 8 + 4 + 8 + data.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(file.capacity() - 8);
        file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16 + extension.length);
        file.putShort((short) coding).putShort((short) 1).putInt(8000).putInt(8000 * bits / 8);
        file.putShort((short) (bits / 8)).putShort((short) bits).put(extension);
        file.put("LIST".getBytes(StandardCharsets.US_ASCII)).putInt(3).putInt(0x00414141);
        file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(data.length).put(data);
        return file.array();
    }

    private static byte[] floats(int bits) {
        ByteBuffer data = ByteBuffer.allocate(LEFT.length * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : LEFT) {
            if (bits == 32) {
                data.putFloat((float) value);
            } else {
                data.putDouble(value);
            }
        }
        return data.array();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void readsFloats(int bits) {
        requireLeft(WavFile.read("a.wav", wav(3, bits, new byte[0], floats(bits))), 8000, 1);
    }

    @Test
    void readsWhatTheExtensibleFormatSays() throws IOException {
        byte[] extension = new byte[24];
        extension[0] = 22;
        extension[8] = 1;
        requireLeft(WavFile.read("a.wav", wav(0xfffe, 16, extension, data(16, 1))), 8000, 1);
        extension[8] = 3;
        requireLeft(WavFile.read("a.wav", wav(0xfffe, 32, extension, floats(32))), 8000, 1);
    }

    @Test
    void takesWhatIsThereOfAFileThatWasCutOff() throws IOException {
        byte[] whole = wav(1, 16, new byte[0], data(16, 1));
        Recording recording = WavFile.read("a.wav", Arrays.copyOf(whole, whole.length - 3));
        assertThat(recording.samples()).hasSize(LEFT.length - 2);
    }

    @Test
    void complainsOfWhatItCannotRead() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WavFile.read("a.wav", wav(6, 8, new byte[0], new byte[4])))
                .withMessage(
                        "a.wav: expected WAV of 8, 16, 24 or 32 bits PCM or of 32 or 64 bits float, got coding 6 of 8 bits");
        byte[] whole = wav(1, 16, new byte[0], data(16, 1));
        for (int length = 12; length < 12 + 8 + 16 + 12 + 8; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WavFile.read("a.wav", cut))
                    .withMessageStartingWith("a.wav: is a damaged WAV file");
        }
    }

    @Test
    void complainsOfSamplesThatAreNoNumbers() {
        byte[] data = new byte[4];
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putFloat(Float.NaN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WavFile.read("a.wav", wav(3, 32, new byte[0], data)))
                .withMessage("a.wav: expected finite samples, got NaN at sample 0");
    }
}
