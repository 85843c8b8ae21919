package org.gatefold.recipe.digits;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.gatefold.data.CsvTable;
import org.junit.jupiter.api.Test;

class DigitImagesTest {
    /** One image with a black pixel in row 0, column 7 and a grey one in row 3, column 4. */
    private static DigitImages image() throws IOException {
        StringBuilder row = new StringBuilder();
        for (int pixel = 0; pixel < 64; pixel++) {
            row.append(pixel == 7 ? 16 : pixel == 3 * 8 + 4 ? 8 : 0).append(',');
        }
        row.append("5\n");
        return DigitImages.of(CsvTable.readWithoutHeader(
                "a.csv", new ByteArrayInputStream(row.toString().getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void readsRowsAsSequences() throws IOException {
        DigitImages images = image();
        assertThat(images.labels()).containsExactly(5);
        float[][][] sequences = images.sequences();
        assertThat(sequences[0]).hasDimensions(8, 8);
        assertThat(sequences[0][0][7]).isEqualTo(1f);
        assertThat(sequences[0][3][4]).isEqualTo(0.5f);
    }

    @Test
    void shiftsByOnePixelToEachSide() throws IOException {
        float[][][] moved = image().withShifts().sequences();
        assertThat(moved).hasDimensions(5, 8);
        assertThat(moved[0][3][4]).isEqualTo(0.5f);
        assertThat(moved[1][3][3]).as("left").isEqualTo(0.5f);
        assertThat(moved[1][0][6]).as("left").isEqualTo(1f);
        assertThat(moved[2][3][5]).as("right").isEqualTo(0.5f);
        assertThat(moved[2][0]).as("right, pushed out").containsOnly(0f);
        assertThat(moved[3][2][4]).as("up").isEqualTo(0.5f);
        assertThat(moved[3][0]).as("up, pushed out").containsOnly(0f);
        assertThat(moved[4][4][4]).as("down").isEqualTo(0.5f);
        assertThat(moved[4][1][7]).as("down").isEqualTo(1f);
        assertThat(image().withShifts().labels()).containsExactly(5, 5, 5, 5, 5);
    }
}
