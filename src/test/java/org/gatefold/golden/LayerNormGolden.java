package org.gatefold.golden;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * An LSTM with layer normalisation, computed once by NumPy 2.4 in float64 from the equations of Haste's {@code LayerNormLSTM}: outputs by a
 * loop over the steps, gradients by differences of fourth order with steps of 0.001.
 */
final class LayerNormGolden {
    private LayerNormGolden() {}

    static RecurrentGolden numpy() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 3, 2, 2, 4).withOptions(CellOptions.PLAIN.withLayerNorm(true));
        float[] norm = ProjectionGolden.wave(40, 0.3, 4);
        float[] shift = ProjectionGolden.wave(4, 0.3, 9);
        for (int i = 0; i < norm.length; i++) {
            norm[i] = i < 36 ? 1 + norm[i] : shift[i - 36];
        }
        RecurrentCase given = new RecurrentCase(
                spec,
                null,
                ProjectionGolden.wave(12, 1, 20),
                ProjectionGolden.wave(8, 0.5, 21),
                ProjectionGolden.wave(8, 0.5, 22),
                List.of(ProjectionGolden.wave(32, 0.6, 0)),
                List.of(ProjectionGolden.wave(64, 0.6, 1)),
                List.of(ProjectionGolden.wave(16, 0.6, 2)),
                List.of(),
                List.of(),
                List.of(norm),
                ProjectionGolden.wave(24, 1, 23),
                ProjectionGolden.wave(8, 1, 24),
                ProjectionGolden.wave(8, 1, 25),
                0);
        return new RecurrentGolden("NumPy, LSTM with layer normalisation", given, expected(), 1e-5);
    }

    private static Map<String, double[]> expected() {
        Map<String, double[]> expected = new LinkedHashMap<>();
        expected.put("y", new double[] {
            -0.17727196,
            0.09895715,
            0.39016651,
            -0.20132500,
            0.02797924,
            -0.19088680,
            0.32093956,
            -0.39538224,
            0.34446242,
            0.47387067,
            -0.05646861,
            0.05964900,
            0.81229863,
            -0.02652766,
            -0.22159789,
            -0.05110600,
            -0.07151376,
            0.26557368,
            -0.49762680,
            0.03869442,
            -0.14862266,
            0.10184736,
            0.30229669,
            -0.23131400
        });
        expected.put("hn", new double[] {
            -0.07151376, 0.26557368, -0.49762680, 0.03869442, -0.14862266, 0.10184736, 0.30229669, -0.23131400
        });
        expected.put("cn", new double[] {
            -0.89721160, 0.57976810, -0.38338452, 0.06762020, -0.78318854, 0.66275325, 0.22557893, -0.36564099
        });
        expected.put("dx", new double[] {
            0.04141598,
            -0.03934144,
            0.02536950,
            0.13243031,
            -0.01195829,
            0.00866856,
            -0.08902435,
            0.30999932,
            0.09376237,
            -0.04590912,
            -0.04486286,
            0.07895791
        });
        expected.put("dh0", new double[] {
            -0.27268021, -0.46687628, -0.44149312, -0.20846886, 0.17477150, 0.83183004, 1.09766593, 0.84725235
        });
        expected.put("dc0", new double[] {
            0.08550391, 0.48275066, -0.23054698, 0.11817748, -0.07477364, 0.04361665, 0.25281681, -0.16250126
        });
        expected.put("dWx[0]", new double[] {
            -0.42974341,
            -0.35286730,
            0.25019887,
            0.08783254,
            0.17198248,
            -0.17422946,
            -0.37452186,
            0.02747237,
            0.09794886,
            0.35062031,
            -0.01284644,
            -0.12290473,
            0.18204669,
            -0.18117128,
            -0.15941257,
            0.13397769,
            -0.53307283,
            -0.29569613,
            0.12920763,
            -0.00885348,
            0.14621115,
            0.09672662,
            0.57739338,
            0.34984595,
            -0.31497559,
            0.21244478,
            1.48345578,
            -0.39408039,
            -1.49874468,
            0.30257258,
            0.28487254,
            -0.03169006
        });
        expected.put("dWh[0]", new double[] {
            -0.55589612,
            0.10922108,
            0.67899869,
            -0.08022787,
            0.02591309,
            0.17676365,
            -0.18272326,
            0.01139644,
            -0.18893355,
            -0.21172574,
            0.14970413,
            0.06068039,
            0.11597828,
            -0.35236544,
            0.12101301,
            -0.29585850,
            0.30600523,
            -0.30179713,
            -0.16655814,
            -0.14154035,
            -0.04894694,
            -0.25322244,
            0.09471380,
            -0.11567163,
            0.11947238,
            -0.41000216,
            0.35008777,
            -0.68368655,
            0.31190136,
            -0.03286921,
            -0.05838550,
            -0.04046342,
            -0.26308500,
            0.35652368,
            0.97736542,
            -0.67117015,
            -0.22398140,
            0.03941843,
            -0.09835509,
            0.21084806,
            0.30974228,
            -0.02997226,
            0.41721622,
            -0.45306352,
            -0.24990963,
            1.31284675,
            -1.75989577,
            2.15364359,
            0.14311946,
            -0.08084516,
            -0.13352810,
            -0.13931048,
            -0.40153073,
            -0.81166262,
            -0.00606731,
            0.26201213,
            0.57590557,
            0.66694766,
            -0.33027630,
            0.02282150,
            0.02424571,
            -0.17725908,
            -0.05330957,
            -0.10040964
        });
        expected.put("db[0]", new double[] {
            -0.10163674,
            0.03945327,
            -0.17334996,
            0.12949876,
            -0.17868776,
            0.05441360,
            0.02144569,
            0.02258200,
            0.25858217,
            -0.00048826,
            0.32909179,
            -1.04273223,
            0.05743745,
            0.17569354,
            -0.49867213,
            -0.14592866
        });
        expected.put("dNorm[0]", new double[] {
            -0.10797555,
            0.16013009,
            0.06007713,
            0.06986856,
            -0.13713758,
            -0.04585654,
            -0.01484739,
            -0.06014260,
            0.29851142,
            0.01040030,
            0.08048926,
            -0.06192590,
            -0.09311917,
            -0.60370847,
            -0.28539821,
            0.03765678,
            0.08243966,
            -0.17776877,
            -0.01291496,
            0.12017996,
            -0.20545883,
            0.04670830,
            -0.05295918,
            0.24055996,
            -0.24590927,
            -0.07062602,
            -0.39602228,
            0.52437754,
            0.04676332,
            0.19417915,
            0.33016216,
            0.12822698,
            0.01248773,
            -0.25098880,
            -0.25357266,
            -0.30707131,
            -0.34847994,
            -0.30252890,
            -0.14680505,
            -1.05050790
        });
        return expected;
    }
}
