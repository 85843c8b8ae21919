package org.gatefold.recipe.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;
import org.junit.jupiter.api.Test;

class ImageTest {
    private static final String NAMES =
            IntStream.rangeClosed(1, 65).mapToObj(i -> "c" + i).collect(Collectors.joining(","));

    /** One image with a black pixel in row 0, column 7 and a grey one in row 3, column 4, and its digit. */
    private static Table image() {
        String pixels = IntStream.range(0, 64)
                .mapToObj(pixel -> pixel == 7 ? "16" : pixel == 3 * 8 + 4 ? "8" : "0")
                .collect(Collectors.joining(","));
        return Tables.csv(NAMES, pixels + ",5");
    }

    @Test
    void readsRowsAsSteps() {
        float[][][] sequences = Tables.numbers(Image.of(8, 8, 16).encode(Rows.all(image())));
        assertThat(sequences[0]).hasDimensions(8, 8);
        assertThat(sequences[0][0][7]).isEqualTo(1f);
        assertThat(sequences[0][3][4]).isEqualTo(0.5f);
    }

    @Test
    void trainingShowsShiftsByOnePixelToEachSide() {
        Image image = Image.of(8, 8, 16).shifted(true);
        float[][][] moved = Tables.numbers(image.augment(Rows.all(image())));
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
        assertThat(image.encode(Rows.all(image())).size())
                .as("predictions see it once")
                .isEqualTo(1);
        Fields fields = new Fields(image, Category.column("c65").of("4", "5"));
        assertThat(fields.training(Rows.all(image())).target("target").size()).isEqualTo(5);
    }

    @Test
    void refusesWhatAreNoPixels() {
        Table small = Tables.csv("a,b", "1,2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Image.of(8, 8, 16).encode(Rows.all(small)))
                .withMessage("test.csv: expected 64 columns of pixels or more, got 2");
        Table bright = Tables.csv(NAMES, "17" + ",0".repeat(64));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Image.of(8, 8, 16).encode(Rows.all(bright)))
                .withMessage("test.csv, line 2, column 'c1': expected a whole number 0 to 16, got 17.0");
    }
}
