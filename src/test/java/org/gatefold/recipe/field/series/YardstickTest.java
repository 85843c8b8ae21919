package org.gatefold.recipe.field.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.junit.jupiter.api.Test;

/** By hand, from the definitions. */
class YardstickTest {
    private static final double[] VALUES = {1, 2, 4, 7, 9};

    @Test
    void figuresFollowTheirDefinitions() {
        Yardstick yardstick = Yardstick.fit(new double[] {1, 2, 4, 7}, 1);
        assertThat(yardstick.scale()).as("mean of 1, 2 and 3").isEqualTo(2);
        Map<String, Double> figures = yardstick.figures(VALUES, new int[] {4}, new double[][] {{8}});
        assertThat(figures.get("mase")).isCloseTo(0.5, within(1e-12));
        assertThat(figures.get("smape")).isCloseTo(200 / 17.0, within(1e-12));
        assertThat(figures.get("owa")).isCloseTo((1 / 2.0 + 200 / 17.0 / 25) / 2, within(1e-12));
        assertThat(yardstick
                        .figures(VALUES, new int[] {4}, new double[][] {{7}})
                        .get("owa"))
                .isEqualTo(1);
    }

    @Test
    void seasonsAreComparedWithSeasons() {
        assertThat(Yardstick.fit(new double[] {1, 5, 2, 8}, 2).scale()).isEqualTo(2);
    }

    @Test
    void whatWouldDivideByZeroIsNotThere() {
        Yardstick still = Yardstick.fit(new double[] {3, 3, 3}, 1);
        assertThat(still.figures(new double[] {3, 3, 3, 3}, new int[] {3}, new double[][] {{4}}))
                .containsOnlyKeys("smape");
        assertThat(still.figures(new double[] {0, 0, 0, 0}, new int[] {3}, new double[][] {{0}}))
                .containsEntry("smape", 0.0);
    }

    @Test
    void comesBackAsItWas() {
        Yardstick yardstick = Yardstick.fit(VALUES, 2);
        JsonFields saved = JsonFields.parse("a.json", yardstick.state().toString());
        assertThat(Yardstick.restored(saved).state()).isEqualTo(yardstick.state());
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> Yardstick.restored(JsonFields.parse("a.json", "{\"scale\":1,\"indices\":{\"1\":0}}")))
                .withMessageStartingWith("a.json: indices: expected positive numbers");
    }
}
