package org.gatefold.recipe.field.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.junit.jupiter.api.Test;

class SeriesPriorTest {
    /** One method of each kind. */
    private static final String ALL = """
            {"rows": 40, "errors": 20, "members": [
              {"intercept": 1.5, "weights": {"1": 0.5, "2": -0.25}, "transforms": ["log", "difference(1)"],
               "trust": 0.5, "squares": 12.5, "selected": 0.25},
              {"period": 12, "alpha": 0.3, "beta": 0.1, "gamma": 0.2, "phi": 0.9, "transforms": [],
               "trust": 1.0, "squares": 14.0, "selected": 0.0},
              {"alpha": 0.4, "slope": -2.0, "indices": {"1": 0.9, "2": 1.1}, "transforms": ["sqrt"],
               "trust": 1.0, "squares": 15.0, "selected": 0.5},
              {"lags": {"1": 1.0, "2": 12.0}, "period": 12, "waves": 1, "line": true,
               "weights": {"1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0, "5": 5.0, "6": 6.0}, "transforms": [],
               "trust": 0.25, "squares": 0.0, "selected": 0.0},
              {"period": 4, "mean": 3.0, "phi": 0.1, "theta": -0.2, "seasonal": -0.6, "transforms": ["difference(4)"],
               "trust": 0.5, "squares": 11.0, "selected": 0.25},
              {"lags": {"1": 1.0}, "period": 1, "waves": 0, "line": false, "columns": 2, "back": 1,
               "weights": {"1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0, "5": 5.0, "6": 6.0}, "transforms": [],
               "trust": 0.25, "squares": 0.0, "selected": 0.0}]}
            """;

    private static SeriesPrior read(String state) {
        return SeriesPrior.of(0).restored(JsonFields.parse("model", state));
    }

    @Test
    void allThatAModelFileHoldsComesBack() {
        assertThat(read(ALL).state()).isEqualTo(JsonParser.parseString(ALL));
        assertThat(read(ALL).detail()).contains("regression (2 lags to 12, 1 wave of period 12, a line)");
    }

    /** Models that were saved with weights alone keep these, whatever comes behind the training part. */
    @Test
    void earlierModelsKeepTheirWeights() {
        String earlier = """
                {"members": [
                  {"intercept": 0.0, "weights": {}, "transforms": ["difference(1)"], "weight": 3.0},
                  {"intercept": 2.0, "weights": {}, "transforms": [], "weight": 1.0}]}
                """;
        SeriesPrior prior = read(earlier);
        assertThat(prior.detail()).isEqualTo("75 % ar (order 0 after difference(1)), 25 % ar (order 0)");
        JsonObject again = prior.state();
        assertThat(read(again.toString()).detail()).isEqualTo(prior.detail());
    }

    @Test
    void damagedMethodsAreNamed() {
        assertThatThrownBy(() -> read(ALL.replace("\"2\": 12.0", "\"2\": 1.0")))
                .isInstanceOf(FileException.class)
                .hasMessageContaining("lags: expected rising numbers above 0, got [1, 1]");
        assertThatThrownBy(() -> read(ALL.replace("\"theta\": -0.2", "\"theta\": 1.0")))
                .isInstanceOf(FileException.class)
                .hasMessageContaining("expected above -1 and below 1");
        assertThatThrownBy(() -> read("{\"members\": []}")).hasMessageContaining("expected at least one, got none");
    }
}
