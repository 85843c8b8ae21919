package org.gatefold.recipe.field.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.ImageTable;
import org.gatefold.data.image.PictureTable;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;

class ImageTest {
    private static ImageTable images() {
        return new ImageTable(
                "test",
                new ImageSize(1, 1, 2),
                List.of(
                        new PictureTable.Entry("a", "test, image 1", "cat", List.of(new byte[] {0, (byte) 255})),
                        new PictureTable.Entry("b", "test, image 2", "dog", List.of(new byte[] {51, 0}))));
    }

    @Test
    void readsPixels() {
        Column column = Image.of(new ImageSize(1, 1, 2)).encode(Rows.of(images(), 1, 0));
        assertThat(column.form()).isEqualTo(Form.rows(1, 1, 2));
        float[][][] numbers = Tables.numbers(column);
        assertThat(numbers[0][0]).containsExactly(0.2f, 0);
        assertThat(numbers[1][0]).containsExactly(0, 1);
    }

    @Test
    void refusesOtherTablesAndSizes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Image.of(new ImageSize(1, 1, 2)).encode(Rows.all(Tables.csv("a,b", "1,2"))))
                .withMessage("test.csv: expected images, got another table");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Image.of(new ImageSize(3, 8, 8)).encode(Rows.all(images())))
                .withMessage("test: expected images of 8x8 in colour, got 1x2 in grey");
    }
}
