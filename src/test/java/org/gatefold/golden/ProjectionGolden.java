package org.gatefold.golden;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * What {@code nn.LSTM(2, 4, bidirectional=True, proj_size=3)} of libtorch 2.10 computed, forward and backward, where every argument
 * is a wave and {@code bias_hh} is 0.
 */
final class ProjectionGolden {
    private ProjectionGolden() {}

    static RecurrentGolden torch() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 3, 2, 2, 4)
                .withDirection(Direction.BIDIRECTIONAL)
                .withOptions(CellOptions.PLAIN.withProjection(3));
        RecurrentCase given = new RecurrentCase(
                spec,
                null,
                wave(12, 1, 20),
                wave(12, 0.5, 21),
                wave(16, 0.5, 22),
                List.of(wave(32, 0.6, 0), wave(32, 0.6, 5)),
                List.of(wave(48, 0.6, 1), wave(48, 0.6, 6)),
                List.of(wave(16, 0.6, 2), wave(16, 0.6, 7)),
                List.of(),
                List.of(wave(12, 0.6, 4), wave(12, 0.6, 9)),
                List.of(),
                wave(36, 1, 23),
                wave(12, 1, 24),
                wave(16, 1, 25),
                0);
        return new RecurrentGolden("PyTorch, LSTM with a projection", given, expected(), 1e-6);
    }

    static float[] wave(int count, double height, double phase) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (height * Math.sin(0.7 * i + phase));
        }
        return values;
    }

    private static Map<String, double[]> expected() {
        Map<String, double[]> expected = new LinkedHashMap<>();
        expected.put("y", new double[] {
            -0.020413065, -0.008440876, 0.036319423, -0.2571417, 0.24872147, -0.21156013,
            -0.15302804, 0.20042992, -0.22467104, -0.19647132, 0.15897769, -0.103113346,
            -0.080703765, 0.027331399, 0.029199246, -0.009693751, -0.08365176, 0.16733086,
            -0.17490251, 0.14232506, -0.09330117, -0.11831989, 0.057902023, 0.009206741,
            -0.14709958, 0.12918463, -0.09634171, -0.14234106, 0.15198638, -0.14406884,
            -0.2089188, 0.23077399, -0.22596203, -0.29605952, 0.3191587, -0.30537733
        });
        expected.put("hn", new double[] {
            -0.14709958, 0.12918463, -0.09634171, -0.2089188, 0.23077399, -0.22596203,
            -0.2571417, 0.24872147, -0.21156013, -0.19647132, 0.15897769, -0.103113346
        });
        expected.put("cn", new double[] {
            0.108968705,
            0.6057034,
            0.15790601,
            -0.15500824,
            0.0633842,
            0.56233525,
            0.44738677,
            0.03825733,
            -0.21123111,
            -0.0935363,
            0.69545656,
            0.39049056,
            -1.7392263e-4,
            0.18329653,
            0.49157232,
            0.48481774
        });
        expected.put("dx", new double[] {
            0.20236294,
            0.21965607,
            -0.56407833,
            -0.471179,
            0.36655575,
            0.36052245,
            -0.51671267,
            -0.3482695,
            0.3814167,
            0.29726386,
            -0.4830774,
            -0.2733783
        });
        expected.put("dh0", new double[] {
            -0.088746056,
            -0.06839297,
            -0.015873598,
            0.0024450365,
            8.8821305e-4,
            -0.0010863463,
            -0.074037805,
            -0.053872045,
            -0.008369429,
            -0.011391801,
            -0.0126574235,
            -0.007970061
        });
        expected.put("dc0", new double[] {
            0.011779741,
            0.070462525,
            0.22105107,
            0.12687641,
            0.01063966,
            -0.050360292,
            -0.089609265,
            -0.20269194,
            -0.06526668,
            -0.015452554,
            0.054397095,
            0.16466664,
            0.07088766,
            0.021594413,
            -0.020572707,
            -0.08637204
        });
        expected.put("dWr[0]", new double[] {
            -0.123102404,
            -0.063966796,
            0.44293022,
            0.29814348,
            -0.024936087,
            0.057452604,
            0.47264564,
            0.22319113,
            0.08495808,
            0.15185116,
            0.2800684,
            0.043268476
        });
        expected.put("dWr[1]", new double[] {
            0.16217196,
            -0.002938792,
            -0.19459721,
            -0.17582114,
            0.24899034,
            0.037455052,
            -0.15172264,
            -0.22618909,
            0.2187047,
            0.060233206,
            -0.037490502,
            -0.17017674
        });
        expected.put("dWh[0]", new double[] {
            -0.0063665933,
            0.0028878357,
            -0.00681683,
            0.006549219,
            -0.002928745,
            0.0030242582,
            0.06202619,
            0.013055668,
            0.01096147,
            -0.009249851,
            0.010075837,
            -0.002478091,
            -0.008773202,
            0.009026819,
            -0.0064880364,
            -0.0022683893,
            -6.1615487e-4,
            0.005866107,
            0.01784122,
            -0.013634047,
            0.030835953,
            0.019739563,
            -0.0028186105,
            0.027175948,
            -0.04459007,
            0.04493544,
            -0.045334704,
            0.054860212,
            0.018522473,
            0.04130047,
            0.088853925,
            -0.033002507,
            0.09280732,
            0.110644855,
            -0.046068206,
            0.10064182,
            -0.004239192,
            0.006148905,
            8.018827e-5,
            0.015100487,
            4.234705e-4,
            -0.0036048323,
            0.009847483,
            -0.0033848642,
            0.0057154074,
            -0.0076431553,
            -0.006623359,
            -0.0019910862
        });
        expected.put("db[1]", new double[] {
            0.13137631,
            0.041058853,
            0.063544765,
            0.08589281,
            -0.07734977,
            -0.01758615,
            0.002655631,
            -0.16381049,
            0.506048,
            0.31902122,
            0.20998466,
            0.04574403,
            0.024848882,
            0.021711225,
            0.03077352,
            0.034798987
        });
        return expected;
    }
}
