package org.gatefold.recipe.market.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.picture.Lines;
import org.gatefold.train.metric.EquityCurve;

/**
 * What a position in one asset brings, row by row.
 *
 * @param cost of what is traded, as a share
 */
public record Trading(double cost) {
    /** @param points hundredths of a percent */
    public static Trading ofPoints(double points) {
        return new Trading(points / 10_000);
    }

    /**
     * Simple returns after costs. A position is taken at the price before its row, out of none at first; each change of it costs.
     *
     * @param positions of the rows: 1 for all of the fortune, below 0 for what is sold short
     * @param returns simple returns of the asset, of the same rows
     */
    public EquityCurve of(double[] positions, double... returns) {
        double[] gains = new double[positions.length];
        double held = 0;
        for (int row = 0; row < gains.length; row++) {
            gains[row] = positions[row] * returns[row] - cost * Math.abs(positions[row] - held);
            held = positions[row];
        }
        return new EquityCurve(gains);
    }

    /** What is traded in all, in fortunes. */
    public static double traded(double... positions) {
        double traded = 0;
        double held = 0;
        for (double position : positions) {
            traded += Math.abs(position - held);
            held = position;
        }
        return traded;
    }

    /** Fortunes of the test part, beside each other. */
    public static Lines picture(Rows rows, String dates, Map<String, List<Double>> fortunes) {
        return new Lines(
                "equity",
                "What became of 1 after costs, test part",
                Market.axis(rows.table(), dates),
                "fortune",
                Market.places(rows, dates),
                fortunes);
    }

    /** The fortune after each row, for a picture. */
    public static List<Double> course(EquityCurve curve) {
        return new ArrayList<>(Arrays.stream(curve.values()).boxed().toList());
    }
}
