package org.gatefold.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * What other systems computed for given weights and inputs, as their own tests state it.
 *
 * @param name the system and the case
 * @param given the case in Gatefold's layouts and gate orders
 * @param expected results by name, as many as the source states
 * @param tolerance absolute; the precision to which the source states its numbers
 */
public record RecurrentGolden(String name, RecurrentCase given, Map<String, double[]> expected, double tolerance) {

    /** All cases. */
    public static List<RecurrentGolden> all() {
        List<RecurrentGolden> all = new ArrayList<>();
        all.add(tensorFlowLite());
        all.add(candleLstm());
        all.add(candleGru());
        all.add(burnWithGradients(false));
        all.add(burnWithGradients(true));
        all.add(ProjectionGolden.torch());
        all.add(LayerNormGolden.numpy());
        all.addAll(NormedCellsGolden.numpy());
        all.addAll(KerasGolden.all());
        return all;
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * tensorflow/tensorflow, tensorflow/lite/kernels/unidirectional_sequence_lstm_test.cc,
     * NoCifgNoPeepholeNoProjectionNoClippingLstmTest: one row, all weights different, forget bias 1.
     */
    private static RecurrentGolden tensorFlowLite() {
        float[] inputInput = floats(
                -0.45018822, -0.02338299, -0.0870589, -0.34550029, 0.04266912, -0.15680569, -0.34856534, 0.43890524);
        float[] inputForget = floats(
                0.09701663, 0.20334584, -0.50592935, -0.31343272, -0.40032279, 0.44781327, 0.01387155, -0.35593212);
        float[] inputCell =
                floats(-0.50013041, 0.1370284, 0.11810488, 0.2013163, -0.20583314, 0.44344562, 0.22077113, -0.29909778);
        float[] inputOutput = floats(
                -0.25065863, -0.28290087, 0.04613829, 0.40525138, 0.44272184, 0.03897077, -0.1556896, 0.19487578);
        float[] recurrentInput = floats(
                -0.0063535,
                -0.2042388,
                0.31454784,
                -0.35746509,
                0.28902304,
                0.08183324,
                -0.16555229,
                0.02286911,
                -0.13566875,
                0.03034258,
                0.48091322,
                -0.12528998,
                0.24077177,
                -0.51332325,
                -0.33502164,
                0.10629296);
        float[] recurrentForget = floats(
                -0.48684245,
                -0.06655136,
                0.42224967,
                0.2112639,
                0.27654213,
                0.20864892,
                -0.07646349,
                0.45877004,
                0.00141793,
                -0.14609534,
                0.36447752,
                0.09196436,
                0.28053468,
                0.01560611,
                -0.20127171,
                -0.01140004);
        float[] recurrentCell = floats(
                -0.3407414,
                0.24443203,
                -0.2078532,
                0.26320225,
                0.05695659,
                -0.00123841,
                -0.4744786,
                -0.35869038,
                -0.06418842,
                -0.13502428,
                -0.501764,
                0.22830659,
                -0.46367589,
                0.26016325,
                -0.03894562,
                -0.16368064);
        float[] recurrentOutput = floats(
                0.43385774,
                -0.17194885,
                0.2718237,
                0.09215671,
                0.24107647,
                -0.39835793,
                0.18212086,
                0.01301402,
                0.48572797,
                -0.50656658,
                0.20047462,
                -0.20607421,
                -0.51818722,
                -0.15390486,
                0.0468148,
                0.39922136);
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 3, 1, 2, 4);
        return new RecurrentGolden(
                "TensorFlow Lite, LSTM of 4 units",
                plain(
                        spec,
                        new float[] {2, 3, 3, 4, 1, 1},
                        joined(inputInput, inputForget, inputCell, inputOutput),
                        joined(recurrentInput, recurrentForget, recurrentCell, recurrentOutput),
                        new float[] {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}),
                Map.of("y", new double[] {
                    -0.02973187, 0.1229473, 0.20885126, -0.15358765,
                    -0.03716109, 0.12507336, 0.41193449, -0.20860538,
                    -0.15053082, 0.09120187, 0.24278517, -0.12222792
                }),
                1e-5);
    }

    /** huggingface/candle, candle-nn/tests/rnn.rs, lstm: weights are cosines and sines of their index; from PyTorch. */
    private static RecurrentGolden candleLstm() {
        return new RecurrentGolden(
                "PyTorch through candle, LSTM of 3 units",
                candle(Cell.LSTM, 12),
                Map.of("hn", new double[] {0.9919, 0.1738, -0.1451}, "cn", new double[] {5.725, 0.4458, -0.2908}),
                5.1e-5);
    }

    /** huggingface/candle, candle-nn/tests/rnn.rs, gru: weights are cosines and sines of their index; from PyTorch. */
    private static RecurrentGolden candleGru() {
        return new RecurrentGolden(
                "PyTorch through candle, GRU of 3 units",
                candle(Cell.GRU, 9),
                Map.of("hn", new double[] {0.0579, 0.8836, -0.9991}),
                5.1e-5);
    }

    private static RecurrentCase candle(Cell cell, int gateRows) {
        float[] cycle = {-1, 1, -0.5f, 2};
        float[] inputs = {3, 1, 4, 1, 5, 9, 2};
        float[] x = new float[14];
        for (int t = 0; t < 7; t++) {
            x[2 * t] = inputs[t];
            x[2 * t + 1] = inputs[t] * 0.5f;
        }
        float[] wx = new float[gateRows * 2];
        for (int i = 0; i < wx.length; i++) {
            wx[i] = (float) Math.cos(i);
        }
        float[] wh = new float[gateRows * 3];
        for (int i = 0; i < wh.length; i++) {
            wh[i] = (float) Math.sin(i);
        }
        // PyTorch has a second bias, here the cosine of the first. One of them is redundant but for the n gate of a
        // GRU.
        float[] b = new float[12];
        for (int i = 0; i < 12; i++) {
            boolean candidate = cell == Cell.GRU && i >= 6;
            float first = cycle[(i >= 9 ? i - (cell == Cell.GRU ? 3 : 0) : i) % 4];
            float second = (float) Math.cos(first);
            b[i] = candidate ? (i >= 9 ? second : first) : first + second;
        }
        return plain(RecurrentSpec.of(cell, 7, 1, 2, 3), x, wx, wh, b);
    }

    /**
     * poshcoe/burn, crates/burn-core/src/nn/rnn/lstm.rs, test_lstm_against_known_values: forward and gradients of the mean
     * output, from PyTorch. There the reverse direction is tested on the reversed input.
     */
    private static RecurrentGolden burnWithGradients(boolean reverse) {
        float[][] steps = {
            floats(
                    6.1599e-2, 1.4434e-1, 5.0515e-1, 4.5327e-1, 9.6461e-2, 9.4723e-1, 6.5902e-1, 8.3846e-1, 8.5444e-1,
                    7.3353e-1, 7.8060e-1, 2.7181e-1),
            floats(
                    4.5411e-1, 7.2665e-1, 4.0610e-1, 2.4880e-4, 2.0886e-1, 5.9652e-1, 4.7231e-1, 2.0873e-1, 8.2748e-1,
                    3.4535e-2, 8.7611e-2, 8.1984e-1)
        };
        double[][] outputs = {
            {0.0246, 0.0696, 0.0311, 0.0872, -0.0393, -0.0062, -0.1026, -0.0929},
            {-0.0465, 0.0120, 0.0436, 0.1391, -0.0161, 0.0557, -0.01095, 0.0446}
        };
        int first = reverse ? 1 : 0;
        float[] dy = new float[16];
        Arrays.fill(dy, 1f / 16);
        RecurrentSpec spec =
                RecurrentSpec.of(Cell.LSTM, 2, 4, 3, 2).withDirection(reverse ? Direction.REVERSE : Direction.FORWARD);
        RecurrentCase given = plain(
                        spec,
                        joined(steps[first], steps[1 - first]),
                        floats(
                                0.5515, -1.0005, -0.9981, -0.3744, -0.6567, -0.8902, -0.7804, 0.5981, -0.9637, 0.9862,
                                -0.1910, 0.1298, -0.5881, -0.6989, 0.5698, -0.5157, -0.5139, 0.8493, 0.3309, -0.5226,
                                -0.1362, 0.3765, 0.5327, 0.7626),
                        floats(
                                -0.4148, -0.1351, 0.2090, 0.4742, -0.6913, 0.0456, 0.2024, 0.6486, 0.1362, -0.0956,
                                0.3370, -0.3085, -0.2517, 0.0471, -0.2644, 0.4771),
                        floats(0, 0, 1, 1, 0, 0, 0, 0))
                .withGradients(dy, null, null);
        Map<String, double[]> expected = new LinkedHashMap<>();
        double[] y = new double[16];
        System.arraycopy(outputs[first], 0, y, 0, 8);
        System.arraycopy(outputs[1 - first], 0, y, 8, 8);
        expected.put("y", y);
        expected.put("hn", outputs[1]);
        expected.put("cn", new double[] {-0.1090, 0.0169, 0.0968, 0.2190, -0.0332, 0.0779, -0.0234, 0.0676});
        expected.put("dWx[0]", new double[] {
            -7.1392e-3,
            -9.1484e-3,
            -8.3713e-5,
            -1.8330e-3,
            -4.6515e-3,
            1.3608e-2,
            -2.5509e-4,
            1.6488e-5,
            -1.5846e-3,
            2.9855e-4,
            6.5486e-4,
            -5.2864e-5,
            2.6259e-2,
            2.5132e-2,
            5.2782e-2,
            3.8327e-2,
            4.1747e-2,
            6.8519e-2,
            -4.2946e-3,
            -5.0783e-3,
            -1.4337e-3,
            1.2592e-4,
            1.1887e-4,
            5.2137e-3
        });
        expected.put("dWh[0]", new double[] {
            -2.7388e-4,
            -3.0253e-4,
            -5.5798e-4,
            -3.4758e-4,
            2.1925e-4,
            2.1652e-4,
            1.5562e-4,
            2.2855e-4,
            -7.7453e-4,
            3.3847e-4,
            -6.2271e-4,
            9.5916e-4,
            6.3325e-5,
            5.1526e-5,
            -3.4406e-5,
            1.8998e-4
        });
        expected.put("db[0]", new double[] {-0.0054, 0.0125, -0.0017, 0.0006, 0.0790, 0.1081, -0.0045, 0.0066});
        return new RecurrentGolden(
                "PyTorch through burn, LSTM with gradients" + (reverse ? ", reversed" : ""), given, expected, 6e-5);
    }

    /** One layer, no lengths, no initial states, no gradients from above. */
    static RecurrentCase plain(RecurrentSpec spec, float[] x, float[] wx, float[] wh, float[] b) {
        return new RecurrentCase(
                spec, null, x, null, null, List.of(wx), List.of(wh), List.of(b), List.of(), null, null, null, 0);
    }

    private static float[] floats(double... values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
        }
        return rounded;
    }

    private static float[] joined(float[]... parts) {
        int length = 0;
        for (float[] part : parts) {
            length += part.length;
        }
        float[] all = new float[length];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
