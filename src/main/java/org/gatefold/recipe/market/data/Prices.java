package org.gatefold.recipe.market.data;

import org.gatefold.data.table.Table;

/** What prices are worth against each other. Stateless. */
public final class Prices {
    private Prices() {}

    /** Logarithms of the change of each row against the row before; the first is 0. */
    public static double[] logReturns(Table table, String asset) {
        double[] prices = table.numbers(asset);
        double[] returns = new double[prices.length];
        for (int row = 1; row < prices.length; row++) {
            returns[row] = Math.log(prices[row] / prices[row - 1]);
        }
        return returns;
    }

    /** What is gained of 1 by each row against the row before; the first is 0. */
    public static double[] simpleReturns(Table table, String asset) {
        double[] prices = table.numbers(asset);
        double[] returns = new double[prices.length];
        for (int row = 1; row < prices.length; row++) {
            returns[row] = prices[row] / prices[row - 1] - 1;
        }
        return returns;
    }

    /** Simple returns of several assets, {@code [row][asset]}. */
    public static double[][] simpleReturns(Table table, String... assets) {
        double[][] returns = new double[table.rows()][assets.length];
        for (int asset = 0; asset < assets.length; asset++) {
            double[] each = simpleReturns(table, assets[asset]);
            for (int row = 0; row < returns.length; row++) {
                returns[row][asset] = each[row];
            }
        }
        return returns;
    }
}
