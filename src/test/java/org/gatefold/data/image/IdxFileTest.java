package org.gatefold.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFileTest {
    /** Two images of 2 by 3. */
    private static final byte[] IMAGES = {
        0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 51, -1, 0, 0, 0, 1, 2, 3, 4, 5, 6
    };

    private static IdxFile read(byte... bytes) throws IOException {
        return IdxFile.read("a.idx", new ByteArrayInputStream(bytes));
    }

    private static void refused(String complaint, byte... bytes) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(bytes)).withMessage("a.idx: " + complaint);
    }

    @Test
    void readsImages(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("images.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(IMAGES);
        }
        for (IdxFile images : new IdxFile[] {read(IMAGES), IdxFile.read(file)}) {
            assertThat(images.rows()).isEqualTo(2);
            assertThat(images.rowDimensions()).containsExactly(2, 3);
            assertThat(images.numbers()[0]).containsExactly(0, 0.2f, 1, 0, 0, 0);
            assertThat(images.numbers()[1][5]).isEqualTo(6 / 255f);
            assertThatIllegalArgumentException()
                    .isThrownBy(images::ids)
                    .withMessageEndingWith(": expected one id per row, got rows of [2, 3]");
        }
    }

    @Test
    void readsLabels() throws IOException {
        IdxFile labels = read(
                (byte) 0,
                (byte) 0,
                (byte) 8,
                (byte) 1,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 3,
                (byte) 7,
                (byte) 0,
                (byte) 200);
        assertThat(labels.ids()).containsExactly(7, 0, 200);
        assertThat(labels.rowDimensions()).isEmpty();
    }

    @Test
    void refusesWhatIsNoSuchFile() {
        refused(
                "expected an IDX file, which begins with two zeros, its type and its rank, got 61626364",
                (byte) 'a',
                (byte) 'b',
                (byte) 'c',
                (byte) 'd');
        byte[] floats = IMAGES.clone();
        floats[2] = 13;
        refused("expected bytes (type 08), got type 0d", floats);
        refused("is shorter than its dimensions say", Arrays.copyOf(IMAGES, IMAGES.length - 1));
        refused("is shorter than its dimensions say", Arrays.copyOf(IMAGES, 9));
        refused("is shorter than its dimensions say");
        refused("expected 12 bytes behind its header, got more", Arrays.copyOf(IMAGES, IMAGES.length + 1));
    }

    @Test
    void doesNotBelieveHugeDimensions() {
        byte[] huge = IMAGES.clone();
        huge[4] = 0x7f;
        refused("expected dimensions of at least 1 and at most 2147483639 bytes together, got 2 as number 2", huge);
        huge[4] = 1;
        huge[11] = 1;
        huge[15] = 1;
        refused("is shorter than its dimensions say", huge);
        huge[4] = -1;
        refused(
                "expected dimensions of at least 1 and at most 2147483639 bytes together, got -16777214 as number 1",
                huge);
    }
}
