package org.gatefold.recipe.field.label;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.ImageTable;
import org.gatefold.data.image.PictureTable;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.picture.Tiles;
import org.junit.jupiter.api.Test;

class MistakesTest {
    private static PictureTable.Entry entry(String label, int grey) {
        return new PictureTable.Entry(label, label, label, List.of(new byte[] {(byte) grey}));
    }

    private static final ImageTable IMAGES = new ImageTable(
            "test",
            new ImageSize(1, 1, 1),
            List.of(entry("cat", 0), entry("dog", 51), entry("cat", 102), entry("dog", 153)));

    private static final Category CATEGORY = Category.column("label").fit(Rows.all(IMAGES));

    @Test
    void theSurestStandFirst() {
        double[][] answers = {{0.9, 0.1}, {0.6, 0.4}, {0.2, 0.8}, {0.1, 0.9}};
        List<Picture> pictures = CATEGORY.pictures(Rows.all(IMAGES), answers);
        assertThat(pictures).hasSize(2);
        Tiles mistakes = (Tiles) pictures.get(1);
        assertThat(mistakes.file()).isEqualTo("mistakes");
        assertThat(mistakes.tiles().stream().map(Tiles.Tile::words))
                .containsExactly("dog (0.80), is cat", "cat (0.60), is dog");
        assertThat(mistakes.tiles().get(0).pixels()).containsExactly(0.4f);
    }

    @Test
    void nothingIsDrawnWhereAllIsRightOrNothingIsSeen() {
        double[][] right = {{1, 0}, {0, 1}, {1, 0}, {0, 1}};
        assertThat(CATEGORY.pictures(Rows.all(IMAGES), right)).singleElement().isInstanceOf(Grid.class);
        Rows texts = Rows.all(Tables.csv("label", "cat", "dog", "cat", "dog"));
        double[][] wrong = {{0, 1}, {1, 0}, {0, 1}, {1, 0}};
        assertThat(CATEGORY.pictures(texts, wrong)).singleElement().isInstanceOf(Grid.class);
    }
}
