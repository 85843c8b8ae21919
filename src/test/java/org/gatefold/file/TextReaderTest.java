package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.gatefold.data.table.CsvFormat;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextReaderTest {
    private static final String TEXT = "date,température\n2023-01-01,1.5\n2023-01-02,🌡\n";

    private static CsvTable table(byte[] bytes, CsvFormat format) throws IOException {
        return CsvTable.read("a.csv", new ByteArrayInputStream(bytes), format);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-8, false",
        "UTF-8, true",
        "UTF-16LE, false",
        "UTF-16LE, true",
        "UTF-16BE, false",
        "UTF-16BE, true",
        "UTF-32LE, true",
        "UTF-32BE, true"
    })
    void findsTheCharacterSet(String charset, boolean mark) throws IOException {
        byte[] bytes = ((mark ? "\uFEFF" : "") + TEXT).getBytes(charset);
        for (byte[] file : new byte[][] {bytes, gzip(bytes)}) {
            CsvTable table = table(file, CsvFormat.detect());
            assertThat(table.names()).containsExactly("date", "température");
            assertThat(table.text("température")).containsExactly("1.5", "🌡");
        }
        CsvTable said = table(bytes, CsvFormat.detect().charset(Charset.forName(charset)));
        assertThat(said.names()).containsExactly("date", "température");
    }

    @Test
    void decodesCharactersAcrossBuffers() throws IOException {
        String value = "é🌡".repeat(50_000);
        for (Charset charset : new Charset[] {StandardCharsets.UTF_8, StandardCharsets.UTF_16LE}) {
            for (String shift : new String[] {"", "x"}) {
                byte[] bytes = ("\uFEFFname\n" + shift + value + "\n").getBytes(charset);
                assertThat(table(bytes, CsvFormat.detect()).text("name")).containsExactly(shift + value);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 40_000})
    void namesTheLineThatIsNotUtf8(int line) {
        String lines = "date,x\r\n" + "2023-01-01,1\r\n".repeat(line);
        String[] split = lines.split("(?<=\n)");
        split[line - 1] = split[line - 1].replace("\r", "é\r");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> table(String.join("", split).getBytes(StandardCharsets.ISO_8859_1), CsvFormat.detect()))
                .withMessage("a.csv, line " + line + ": expected UTF-8, got the byte 0xE9; save it as UTF-8, or say its"
                        + " charset, such as windows-1252");
    }

    @Test
    void readsTheCharacterSetSaid() throws IOException {
        Charset windows = Charset.forName("windows-1252");
        CsvTable table =
                table("préis,€\n1,2\n".getBytes(windows), CsvFormat.detect().charset(windows));
        assertThat(table.names()).containsExactly("préis", "€");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        table("é,b\n".getBytes(windows), CsvFormat.detect().charset(StandardCharsets.US_ASCII)))
                .withMessage("a.csv, line 1: expected US-ASCII, got the byte 0xE9");
    }

    @Test
    void namesTheEndOfACutCharacter() {
        byte[] bytes = "a\n1\né".getBytes(StandardCharsets.UTF_8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(Arrays.copyOf(bytes, bytes.length - 1), CsvFormat.detect()))
                .withMessageStartingWith("a.csv, line 3: expected UTF-8, got the byte 0xC3");
    }

    @Test
    void namesWhatIsNoText() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("a,b\n1,2\n3,\0\n".getBytes(StandardCharsets.UTF_8), CsvFormat.detect()))
                .withMessage("a.csv, line 3: expected text, got a NUL character");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(new byte[1000], CsvFormat.detect()))
                .withMessage("a.csv, line 1: expected text, got a NUL character");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(new byte[] {'P', 'K', 3, 4, 5}, CsvFormat.detect()))
                .withMessage("a.csv: expected text, got a zip archive, as spreadsheets (.xlsx) are");
    }

    @Test
    void refusesMoreThanTheLimit() throws IOException {
        byte[] bytes = ("a,b\n" + "1,2\n".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);
        CsvFormat limited = CsvFormat.detect().maxBytes(2 << 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(bytes, limited))
                .withMessage("a.csv: expected at most 2.0 MiB of data, got more");
        byte[] packed = gzip(bytes);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(packed, limited))
                .withMessageMatching(
                        "a.csv: expected at most 2.0 MiB of data, got more, unpacked from \\d+ bytes so far");
        assertThat(table(packed, CsvFormat.detect().maxBytes(bytes.length)).rows())
                .isEqualTo(1_000_000);
    }

    @Test
    void refusesAHugeFileBeforeReadingIt(@TempDir Path folder) throws IOException {
        Path sparse = folder.resolve("sparse.csv");
        Files.writeString(sparse, "a,b\n1,2\n");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvTable.read(sparse))
                .withMessageMatching(
                        sparse + ": expected at most [\\d.]+ [MG]iB of data \\(a part of the Java heap: give it"
                                + " more, or set a limit\\), got 1024.0 GiB");
    }

    @Test
    void refusesWhatUnpacksToTooMuchBeforeReadingIt(@TempDir Path folder) throws IOException {
        byte[] packed = gzip("1,2\n".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));
        // The damage would be found by whoever unpacks it.
        packed[packed.length / 2] ^= 1;
        Path file = Files.write(folder.resolve("a.csv.gz"), packed);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvTable.read(file, CsvFormat.detect().maxBytes(2 << 20)))
                .withMessage(file + ": expected at most 2.0 MiB of data, got 3.8 MiB, unpacked from " + packed.length
                        + " bytes");
        // A length that so few bytes cannot have been packed from is no length.
        byte[] trailed = Arrays.copyOf(gzip("a\n1\n".getBytes(StandardCharsets.UTF_8)), 60);
        trailed[59] = 0x7f;
        assertThat(CsvTable.read(Files.write(file, trailed)).rows()).isEqualTo(1);
    }

    /** More lines than the heap could hold: what is read must be bounded, not only what is kept. */
    @Test
    void endsAnEndlessStream() {
        for (String line : new String[] {"1,2\n", "\n", "x", ",", "\"", "\"\n"}) {
            byte[] lines = line.repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
            InputStream endless = new InputStream() {
                private final byte[] header = "a,b\n".getBytes(StandardCharsets.UTF_8);
                private long at;

                @Override
                public int read() {
                    int value = at < header.length ? header[(int) at] : lines[(int) (at % lines.length)];
                    at++;
                    return value;
                }

                @Override
                public int read(byte[] target, int offset, int length) {
                    int count = Math.min(length, 1 << 12);
                    for (int i = 0; i < count; i++) {
                        target[offset + i] = (byte) read();
                    }
                    return count;
                }
            };
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            CsvTable.read("a.csv", endless, CsvFormat.detect().maxBytes(64 << 20)))
                    .withMessageContaining("a.csv")
                    .withMessageContaining("expected");
        }
    }

    @Test
    void saysWhyAFileCannotBeUnpacked(@TempDir Path folder) throws IOException {
        byte[] packed = gzip("a,b\n1,2\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
        byte[] damaged = packed.clone();
        damaged[packed.length - 3] ^= 1;
        Path file = folder.resolve("a.csv.gz");
        for (byte[] bytes : new byte[][] {Arrays.copyOf(packed, 30), Arrays.copyOf(packed, 5), damaged}) {
            Files.write(file, bytes);
            assertThatThrownBy(() -> CsvTable.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot read " + file + ": ");
        }
    }
}
