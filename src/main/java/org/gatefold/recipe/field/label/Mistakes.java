package org.gatefold.recipe.field.label;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.PictureTable;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.picture.Tiles;

/** Images and films of which a model told the wrong class, as a picture. Stateless. */
final class Mistakes {
    private static final int MOST = 48;

    private Mistakes() {}

    /**
     * The mistakes of which the model was surest, each with what it said and what it is.
     *
     * @param actual the class of each row
     * @param classes of the answers
     * @param answers probabilities of each row
     * @return empty if there are none, or rows are no pictures
     */
    static Optional<Picture> of(Rows rows, List<String> actual, List<String> classes, double[]... answers) {
        if (!(rows.table() instanceof PictureTable pictures)) {
            return Optional.empty();
        }
        List<Tiles.Tile> tiles = IntStream.range(0, answers.length)
                .filter(i -> !classes.get(Category.best(answers[i])).equals(actual.get(i)))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -answers[i][Category.best(answers[i])]))
                .limit(MOST)
                .map(i -> {
                    int best = Category.best(answers[i]);
                    String words = String.format(
                            Locale.ROOT, "%s (%.2f), is %s", classes.get(best), answers[i][best], actual.get(i));
                    return new Tiles.Tile(words, pictures.middle(rows.index(i)));
                })
                .toList();
        ImageSize size = pictures.size();
        return tiles.isEmpty()
                ? Optional.empty()
                : Optional.of(new Tiles(
                        "mistakes",
                        "Wrong answers of the test part, the surest first",
                        size.channels(),
                        size.height(),
                        size.width(),
                        tiles));
    }
}
