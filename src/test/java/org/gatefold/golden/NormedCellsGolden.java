package org.gatefold.golden;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * GRUs of both forms and a plain RNN with layer normalisation, computed once by NumPy 2.4 in float64: the GRU with the reset gate after the
 * product from the equations of Haste's {@code LayerNormGRU}, the others from those of docs/cells.md. Outputs by a loop over the steps,
 * gradients by differences of fourth order with steps of 0.0001. The weights of the plain RNN are such that no product has a small deviation,
 * for which gradients in single precision would be far off: NumPy's own, computed so, are within 3e-7 of these.
 */
final class NormedCellsGolden {
    private static final CellOptions NORMED = CellOptions.PLAIN.withLayerNorm(true);

    private NormedCellsGolden() {}

    static List<RecurrentGolden> numpy() {
        return List.of(
                golden("GRU", Cell.GRU, NORMED, 0, 1, gru()),
                golden("GRU with the reset gate before", Cell.GRU, NORMED.withResetBefore(true), 0, 1, resetBefore()),
                golden("plain RNN", Cell.RNN_TANH, NORMED, 1, 5.5, rnn()));
    }

    private static RecurrentGolden golden(
            String name,
            Cell cell,
            CellOptions options,
            double phaseOfWx,
            double phaseOfWh,
            Map<String, double[]> expected) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 3, 2, 2, 4).withOptions(options);
        float[] norm = ProjectionGolden.wave(2 * spec.gateRows(), 0.3, 4);
        for (int i = 0; i < norm.length; i++) {
            norm[i] += 1;
        }
        RecurrentCase given = new RecurrentCase(
                spec,
                null,
                ProjectionGolden.wave(12, 1, 20),
                ProjectionGolden.wave(8, 0.5, 21),
                null,
                List.of(ProjectionGolden.wave(spec.gateRows() * 2, 0.6, phaseOfWx)),
                List.of(ProjectionGolden.wave(spec.gateRows() * 4, 0.6, phaseOfWh)),
                List.of(ProjectionGolden.wave(spec.biasSize(), 0.6, 2)),
                List.of(),
                List.of(),
                List.of(norm),
                ProjectionGolden.wave(24, 1, 23),
                ProjectionGolden.wave(8, 1, 24),
                null,
                0);
        return new RecurrentGolden("NumPy, " + name + " with layer normalisation", given, expected, 1e-5);
    }

    private static Map<String, double[]> gru() {
        Map<String, double[]> expected = new LinkedHashMap<>();
        expected.put("y", new double[] {
            -0.87757678,
            0.18853924,
            0.34057778,
            -0.45056237,
            -0.60141531,
            -0.64087271,
            0.09234633,
            0.20980151,
            -0.36479136,
            -0.60357208,
            0.01910902,
            -0.37046177,
            -0.15890959,
            -0.58944887,
            -0.20000441,
            -0.12884386,
            -0.43627862,
            -0.59023593,
            0.23852103,
            -0.67541656,
            -0.55877271,
            -0.60961799,
            0.02629766,
            -0.51562988
        });
        expected.put("hn", new double[] {
            -0.43627862, -0.59023593, 0.23852103, -0.67541656, -0.55877271, -0.60961799, 0.02629766, -0.51562988
        });
        expected.put("dx", new double[] {
            0.09197779,
            -0.08735814,
            -0.14649676,
            -0.75125261,
            -0.02681010,
            0.01941285,
            0.01742322,
            -0.06051807,
            0.20618231,
            -0.10096582,
            -0.03609367,
            0.06351968
        });
        expected.put("dh0", new double[] {
            -0.10306955, -2.04053893, -1.28234991, -0.84836612, 0.19411602, 0.70818585, 2.17987122, 0.55780497
        });
        expected.put("dWx[0]", new double[] {
            -0.13742059,
            -0.06681970,
            -0.09496748,
            -0.37875256,
            -0.14745534,
            0.24242074,
            -0.29839161,
            0.39121412,
            -0.48087760,
            -0.28472900,
            0.69050811,
            0.02127348,
            0.29045990,
            1.58733110,
            -0.45245637,
            0.05227881,
            0.34170556,
            -0.44567750,
            -0.06676548,
            0.28904983,
            -1.38065493,
            -0.61442752,
            1.73631583,
            -0.79316179
        });
        expected.put("dWh[0]", new double[] {
            -0.14262878,
            0.40513801,
            0.13746327,
            -0.40003198,
            -1.50393462,
            0.85591030,
            0.69367707,
            -1.20966399,
            0.33173192,
            -0.02534984,
            -0.12651109,
            -0.07299308,
            -0.03688108,
            0.39776334,
            0.11054195,
            -0.51033189,
            -1.08555211,
            0.19298575,
            0.44964143,
            -0.29319381,
            -0.00934600,
            0.17345330,
            -0.00934059,
            -0.28852440,
            1.37707207,
            -0.11304089,
            -0.56217622,
            -0.18945895,
            -0.50157478,
            0.23564572,
            0.22938530,
            -0.49126259,
            -0.20096668,
            -0.09223471,
            0.03001860,
            0.34190156,
            1.08446009,
            -0.77951688,
            -0.55706364,
            1.17993539,
            0.66114043,
            -0.77467039,
            -0.32162058,
            1.16196349,
            0.02647953,
            -0.47608369,
            -0.07401549,
            0.77166025
        });
        expected.put("db[0]", new double[] {
            0.04303884,
            -0.00677986,
            0.16382045,
            -0.02966547,
            0.06065418,
            0.21206728,
            0.45861916,
            0.30310652,
            -0.03391436,
            0.08170150,
            -0.54054119,
            0.53161378,
            -0.10114053,
            0.16458063,
            -0.24647336,
            -0.02600619
        });
        expected.put("dNorm[0]", new double[] {
            -0.01865375,
            -0.09948636,
            -0.05321128,
            0.01283635,
            0.10122136,
            0.30438165,
            0.31435549,
            0.18029514,
            -0.08431840,
            0.14240325,
            -1.22249662,
            0.61560289,
            -0.00143177,
            -0.08485030,
            -0.10382765,
            0.01179518,
            0.24866048,
            0.02682147,
            -1.36613310,
            -0.38600482,
            0.12122998,
            -0.33887849,
            0.08367318,
            -0.06329881
        });
        return expected;
    }

    private static Map<String, double[]> resetBefore() {
        Map<String, double[]> expected = new LinkedHashMap<>();
        expected.put("y", new double[] {
            -0.86118781,
            0.22462437,
            0.15333736,
            -0.05814668,
            -0.23219658,
            -0.54349078,
            0.09150433,
            -0.41744464,
            -0.48259292,
            -0.78811980,
            -0.13631896,
            -0.00360923,
            0.47767547,
            -0.35944230,
            0.51225806,
            -0.54798367,
            -0.03667072,
            -0.60137597,
            0.07353454,
            -0.79445010,
            -0.86213783,
            -0.20169790,
            0.43013386,
            -0.05872605
        });
        expected.put("hn", new double[] {
            -0.03667072, -0.60137597, 0.07353454, -0.79445010, -0.86213783, -0.20169790, 0.43013386, -0.05872605
        });
        expected.put("dx", new double[] {
            0.04453378,
            -0.04229703,
            0.12290900,
            0.63294807,
            -0.00637539,
            0.00460071,
            -0.08140041,
            0.28350446,
            0.20261065,
            -0.09920829,
            0.01610432,
            -0.02833705
        });
        expected.put("dh0", new double[] {
            -0.01442170, 0.14150571, -0.08662007, 0.11638313, 0.19228593, 0.46102039, 0.84058898, -0.06631088
        });
        expected.put("dWx[0]", new double[] {
            -0.12822335,
            0.23834028,
            -0.19994866,
            -0.46131898,
            -0.26583027,
            -0.12138967,
            -0.27970207,
            0.46044823,
            -0.92626879,
            0.01407486,
            0.27943574,
            -0.13411753,
            0.51868770,
            0.70763108,
            -0.42923193,
            0.00369485,
            0.93554101,
            -0.71556117,
            0.01343648,
            -0.34963277,
            -0.11743326,
            0.01302080,
            0.59953739,
            0.34481004
        });
        expected.put("dWh[0]", new double[] {
            0.89431405,
            -0.09482232,
            -0.06837655,
            -0.04325681,
            -0.35289357,
            0.16450062,
            0.13911471,
            -0.07371866,
            -0.47608227,
            0.24000790,
            -0.07449205,
            0.15435350,
            0.10363350,
            -0.12113062,
            0.18267517,
            -0.17237635,
            -0.47824353,
            -0.02050087,
            0.12474538,
            -0.07764683,
            -0.16775832,
            -0.09115014,
            -0.12199760,
            0.17668887,
            0.70222690,
            -0.11560349,
            -0.21445325,
            0.11160915,
            -0.22519676,
            0.03869892,
            0.03278419,
            -0.07565288,
            -1.04122269,
            0.80878091,
            -0.14386953,
            0.44335135,
            -0.93017409,
            -0.15919196,
            0.02111393,
            -0.32232429,
            1.67889825,
            -0.95063576,
            0.02063721,
            -0.21864025,
            0.29249853,
            0.30104680,
            0.10211839,
            0.09761319
        });
        expected.put("db[0]", new double[] {
            -0.29772212, 0.13539737, 0.00790058, 0.00957059, 0.13889912, 0.04798792,
            -0.19285032, 0.02989272, 0.16596445, 0.45312042, 0.09140032, 0.18423888
        });
        expected.put("dNorm[0]", new double[] {
            0.11442184,
            -0.07064922,
            0.02869781,
            -0.01931330,
            0.18299537,
            0.22890101,
            0.31389172,
            0.22190892,
            -0.43243289,
            -0.13644501,
            0.29266652,
            -0.00001838,
            0.23354986,
            -0.00482551,
            0.04287625,
            0.01398010,
            0.11824730,
            -0.18724756,
            -0.52783894,
            -0.29517352,
            0.34948599,
            -0.22826312,
            0.31228906,
            -0.02873853
        });
        return expected;
    }

    private static Map<String, double[]> rnn() {
        Map<String, double[]> expected = new LinkedHashMap<>();
        expected.put("y", new double[] {
            0.37269292,
            0.97274431,
            -0.97482540,
            -0.32680539,
            0.98076830,
            -0.33886068,
            0.62620006,
            -0.99293662,
            -0.93430346,
            0.87739854,
            -0.49919115,
            0.83980660,
            -0.90437644,
            0.80523034,
            -0.64615867,
            0.91287601,
            0.99427460,
            -0.77430847,
            0.03529297,
            -0.96214647,
            0.99220074,
            -0.66887706,
            0.23007978,
            -0.97946242
        });
        expected.put("hn", new double[] {
            0.99427460, -0.77430847, 0.03529297, -0.96214647, 0.99220074, -0.66887706, 0.23007978, -0.97946242
        });
        expected.put("dx", new double[] {
            0.04121286,
            -0.03915781,
            -0.22014842,
            -1.12998790,
            -0.02464563,
            0.01787422,
            0.02212847,
            -0.07714299,
            -0.16548312,
            0.08106482,
            0.10667331,
            -0.18780231
        });
        expected.put("dh0", new double[] {
            -0.13409292, -0.22964612, -0.21719317, -0.10259085, -0.10290795, -0.48965278, -0.64610624, -0.49868584
        });
        expected.put("dWx[0]", new double[] {
            -0.96816656, -0.03070799, 0.91610894, 0.05517966, 0.53752927, -0.19051821, -0.48547165, 0.16604655
        });
        expected.put("dWh[0]", new double[] {
            -0.09382243,
            0.55686304,
            -0.31927741,
            0.16255059,
            -0.68416472,
            -0.22178644,
            -0.09031008,
            0.57619116,
            0.14820159,
            -0.59177470,
            0.30929161,
            -0.19123609,
            0.62978555,
            0.25669810,
            0.10029587,
            -0.54750566
        });
        expected.put("db[0]", new double[] {-0.70012738, 0.79018927, 0.39267848, 0.00333747});
        expected.put("dNorm[0]", new double[] {
            -0.81458367, 0.89346005, -0.49943264, -0.05184471, 0.76952419, -0.99215634, 0.77672027, -0.00679696
        });
        return expected;
    }
}
