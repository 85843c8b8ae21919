package org.gatefold.recipe.field.series;

import java.util.List;
import java.util.function.Supplier;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/** A target whose answers are numbers in the scale of its column: learnt by their squares, measured by their differences. */
public interface NumberTarget extends OutputTarget {
    /** Rows held back without which nothing of a network is taken beside a prior: fewer may all lie on one rise or fall. */
    int FEWEST_TO_TELL = 10;

    /** What {@link #encode} gives, one array per row. */
    float[][] learnt(Rows rows);

    @Override
    default Column encode(Rows rows) {
        return Column.rows(Dataset.TARGET, learnt(rows));
    }

    /**
     * The numbers that outputs say, where they say more than these: as they are by default.
     *
     * @param outputs one array per row
     */
    default float[][] located(float[][] outputs) {
        return outputs;
    }

    /** What the prior leaves over. */
    @Override
    default Column encodeBeside(Rows rows, Supplier<float[][]> prior) {
        float[][] rest = learnt(rows);
        float[][] known = located(prior.get());
        for (int i = 0; i < rest.length; i++) {
            for (int j = 0; j < rest[i].length; j++) {
                rest[i][j] -= known[i][j];
            }
        }
        return Column.rows(Dataset.TARGET, rest);
    }

    /**
     * All of the prior, and that share of the network, from none to all, that leaves the smallest squares; less the more by
     * chance the network may seem to help: by the positive part of {@code 1 - 2 / t²} with t its mean gain over the standard error
     * of that, for the rows also chose the epoch. Nothing of the network where fewer than {@link #FEWEST_TO_TELL} rows are held back, but
     * for none, which are to tell nothing.
     */
    @Override
    default Blend blend(Rows rows, float[][] priorOutputs, float[][] networkOutputs) {
        float[][] prior = located(priorOutputs);
        float[][] network = located(networkOutputs);
        float[][] wanted = learnt(rows);
        double products = 0;
        double squares = 0;
        for (int i = 0; i < wanted.length; i++) {
            for (int j = 0; j < wanted[i].length; j++) {
                products += ((double) wanted[i][j] - prior[i][j]) * network[i][j];
                squares += (double) network[i][j] * network[i][j];
            }
        }
        if (squares == 0) {
            return Blend.SUM;
        }
        if (wanted.length < FEWEST_TO_TELL) {
            return new Blend(1, 0);
        }
        double share = Math.max(0, Math.min(1, products / squares));
        double[] gains = new double[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            for (int j = 0; j < wanted[i].length; j++) {
                double rest = (double) wanted[i][j] - prior[i][j];
                gains[i] += rest * rest - Math.pow(rest - share * network[i][j], 2);
            }
        }
        return Blend.shrunk(share, gains);
    }

    @Override
    default Loss loss() {
        return Loss.mse();
    }

    @Override
    default List<Metric> metrics() {
        return List.of();
    }

    @Override
    default Score score(Rows rows, double[][] answers) {
        return Differences.of(rows.table().numbers(name()), rows.indices(), answers);
    }

    @Override
    default boolean higherIsBetter() {
        return false;
    }
}
