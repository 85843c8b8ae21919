package org.gatefold.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Values from the tests of keras-team/keras, keras/src/layers/rnn. All of them take x = 0, 1, 2, … in batch-first order
 * and constant weights: kernel 0.01, recurrent 0.02, bias 0.03; the forget gate's bias is 1.
 */
final class KerasGolden {
    private static final double TOLERANCE = 1e-5;

    private KerasGolden() {}

    static List<RecurrentGolden> all() {
        return List.of(
                lstmWithInitialState(false),
                lstmWithInitialState(true),
                lstmWithMask(),
                lstmOverSixSteps(),
                bidirectionalLstm(),
                bidirectionalLstmWithInitialStates(),
                gruOverSixSteps(),
                gruWithInitialState(false),
                gruWithInitialState(true),
                rnnWithInitialState(false),
                rnnWithInitialState(true));
    }

    /** lstm_test.py, test_pass_initial_state. */
    private static RecurrentGolden lstmWithInitialState(boolean reverse) {
        float[] state = {0, 1, 2, 3};
        double[] h = reverse
                ? new double[] {0.13281618, 0.2790356, 0.5839337, 0.5992567}
                : new double[] {0.20574439, 0.3558822, 0.64930826, 0.66276};
        return withInitialState("LSTM", Cell.LSTM, 2, reverse, state, state, h);
    }

    /** lstm_test.py, test_masking, with zero_output_for_mask. */
    private static RecurrentGolden lstmWithMask() {
        double[] y = new double[16];
        double[][] first = {{0.01588910, 0.05552048, 0.11755939, 0}, {0.14185596, 0.28556206, 0, 0}};
        for (int t = 0; t < 4; t++) {
            for (int row = 0; row < 2; row++) {
                Arrays.fill(y, (t * 2 + row) * 2, (t * 2 + row) * 2 + 2, first[row][t]);
            }
        }
        return new RecurrentGolden(
                "Keras, LSTM with mask",
                constant(Cell.LSTM, 4, 2, 3, 2, Direction.FORWARD, new int[] {3, 2}),
                Map.of("y", y, "hn", new double[] {0.11755939, 0.11755939, 0.28556206, 0.28556206}),
                TOLERANCE);
    }

    /** lstm_test.py, test_correctness. */
    private static RecurrentGolden lstmOverSixSteps() {
        return finalState(
                "LSTM of 3 units",
                constant(Cell.LSTM, 6, 3, 4, 3, Direction.FORWARD, null),
                each(3, 0.6288687, 0.86899155, 0.9460773));
    }

    /** bidirectional_test.py, test_return_state. */
    private static RecurrentGolden bidirectionalLstm() {
        return new RecurrentGolden(
                "Keras, bidirectional LSTM",
                constant(Cell.LSTM, 4, 2, 3, 2, Direction.BIDIRECTIONAL, null),
                Map.of(
                        "hn", each(2, 0.1990008, 0.52335435, 0.12659755, 0.44717982),
                        "cn", each(2, 0.35567185, 1.0492687, 0.2501858, 0.941473)),
                TOLERANCE);
    }

    /** bidirectional_test.py, test_pass_initial_state. */
    private static RecurrentGolden bidirectionalLstmWithInitialStates() {
        return finalState(
                "bidirectional LSTM with initial states",
                constant(Cell.LSTM, 4, 2, 3, 2, Direction.BIDIRECTIONAL, null)
                        .withInitial(new float[] {0, 1, 2, 3, 0, 3, 6, 9}, new float[] {0, 2, 4, 6, 0, 4, 8, 12}),
                new double[] {
                    0.20794602, 0.4577124, 0.6682636, 0.6711909, 0.14046375, 0.48191673, 0.60943645, 0.60950446
                });
    }

    /** gru_test.py, test_correctness, with reset_after as is the default. */
    private static RecurrentGolden gruOverSixSteps() {
        return finalState(
                "GRU of 3 units",
                constant(Cell.GRU, 6, 3, 4, 3, Direction.FORWARD, null),
                each(3, 0.5217289, 0.6371659, 0.39384964));
    }

    /** gru_test.py, test_pass_initial_state. */
    private static RecurrentGolden gruWithInitialState(boolean reverse) {
        double[] h = reverse
                ? new double[] {0.13486053, 0.23261218, 0.78257304, 0.9691353}
                : new double[] {0.23774096, 0.33508456, 0.83659905, 1.0227708};
        return withInitialState("GRU", Cell.GRU, 2, reverse, new float[] {0, 1, 2, 3}, null, h);
    }

    /** simple_rnn_test.py, test_pass_initial_state. */
    private static RecurrentGolden rnnWithInitialState(boolean reverse) {
        return withInitialState(
                "SimpleRNN",
                Cell.RNN_TANH,
                4,
                reverse,
                new float[] {0, 1, 2, 3, 4, 5, 6, 7},
                null,
                reverse ? each(4, 0.07344437, 0.43043602) : each(4, 0.33621645, 0.6262637));
    }

    private static RecurrentGolden withInitialState(
            String layer, Cell cell, int units, boolean reverse, float[] h0, float[] c0, double... hn) {
        Direction direction = reverse ? Direction.REVERSE : Direction.FORWARD;
        return finalState(
                layer + " with initial state" + (reverse ? ", reversed" : ""),
                constant(cell, 4, 2, 3, units, direction, null).withInitial(h0, c0),
                hn);
    }

    private static RecurrentGolden finalState(String what, RecurrentCase given, double... hn) {
        return new RecurrentGolden("Keras, " + what, given, Map.of("hn", hn), TOLERANCE);
    }

    private static double[] each(int times, double... values) {
        double[] all = new double[values.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = values[i / times];
        }
        return all;
    }

    private static RecurrentCase constant(
            Cell cell, int steps, int batch, int inputs, int units, Direction direction, int[] lengths) {
        RecurrentSpec spec = RecurrentSpec.of(cell, steps, batch, inputs, units).withDirection(direction);
        float[] x = new float[steps * batch * inputs];
        for (int t = 0; t < steps; t++) {
            for (int row = 0; row < batch; row++) {
                for (int i = 0; i < inputs; i++) {
                    x[(t * batch + row) * inputs + i] = (row * steps + t) * inputs + i;
                }
            }
        }
        // Keras gives a GRU two biases of 0.03; they may be added but for the candidate's.
        float[] b = filled(cell.biases() * units, 0.03f);
        if (cell == Cell.LSTM) {
            Arrays.fill(b, units, 2 * units, 1f);
        } else if (cell == Cell.GRU) {
            Arrays.fill(b, 0, 2 * units, 0.06f);
        }
        List<float[]> wx = new ArrayList<>();
        List<float[]> wh = new ArrayList<>();
        List<float[]> biases = new ArrayList<>();
        for (int set = 0; set < spec.weightSets(); set++) {
            wx.add(filled(cell.gates() * units * inputs, 0.01f));
            wh.add(filled(cell.gates() * units * units, 0.02f));
            biases.add(b);
        }
        return new RecurrentCase(spec, lengths, x, null, null, wx, wh, biases, List.of(), null, null, null, 0);
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }
}
