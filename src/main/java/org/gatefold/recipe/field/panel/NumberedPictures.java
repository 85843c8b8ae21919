package org.gatefold.recipe.field.panel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.recipe.field.picture.Curve;
import org.gatefold.recipe.field.picture.Picture;

/** Pictures of several series or columns, numbered by them. Stateless. */
final class NumberedPictures {
    /** Series that are drawn. */
    static final int MOST = 6;

    private NumberedPictures() {}

    /** Curves of each part, by its name, in files whose names count the parts. */
    static List<Picture> of(Map<String, List<Picture>> parts) {
        List<Picture> all = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, List<Picture>> part : parts.entrySet()) {
            number++;
            for (Picture picture : part.getValue()) {
                all.add(named(part.getKey(), number, (Curve) picture));
            }
        }
        return all;
    }

    private static Curve named(String name, int number, Curve curve) {
        return new Curve(
                curve.file() + "-" + number,
                name + ": " + curve.title(),
                curve.axis(),
                curve.name(),
                curve.places(),
                curve.truth(),
                curve.answers(),
                curve.band());
    }
}
