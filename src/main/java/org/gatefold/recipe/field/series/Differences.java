package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.recipe.field.Score;

/** Measures numbers by their differences from what came, in double precision. Stateless. */
final class Differences {
    private Differences() {}

    /**
     * Root mean squared and mean absolute difference over all rows and steps; the first step by step too if there are
     * several.
     *
     * @param values what came, a whole column
     * @param rows the row of the first number of each answer
     * @param answers numbers for a row and those after it
     */
    static Score of(double[] values, int[] rows, double[][] answers) {
        int steps = answers[0].length;
        double[] squares = new double[steps];
        double sizes = 0;
        double all = 0;
        for (int i = 0; i < rows.length; i++) {
            for (int step = 0; step < steps; step++) {
                double difference = answers[i][step] - values[rows[i] + step];
                squares[step] += difference * difference;
                all += difference * difference;
                sizes += Math.abs(difference);
            }
        }
        double count = (double) rows.length * steps;
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("rmse", Math.sqrt(all / count));
        figures.put("mae", sizes / count);
        JsonObject more = new JsonObject();
        if (steps > 1) {
            JsonArray byStep = new JsonArray();
            for (double sum : squares) {
                byStep.add(Math.sqrt(sum / rows.length));
            }
            more.add("rmseByStep", byStep);
        }
        return new Score(figures, more);
    }
}
