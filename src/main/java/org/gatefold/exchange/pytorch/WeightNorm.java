package org.gatefold.exchange.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.exchange.StoredTensor;

/**
 * Weights that {@code torch.nn.utils.weight_norm} keeps as lengths and directions (Salimans and Kingma 2016): {@code w = g v / ‖v‖}, the norm
 * over all dimensions but the first, or over all. They are read as the weights that they stand for. Stateless.
 */
final class WeightNorm {
    private static final String LENGTH = "_g";
    private static final String DIRECTION = "_v";

    /** What newer versions call the two, behind the module's name and {@code parametrizations.}. */
    private static final String PARAMETRIZED = "parametrizations.";

    private static final String LENGTH_NOW = ".original0";
    private static final String DIRECTION_NOW = ".original1";

    private WeightNorm() {}

    /** The tensors with one in place of each such pair, where the second of the pair stood. */
    static List<StoredTensor> folded(List<StoredTensor> tensors) {
        Map<String, StoredTensor> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<StoredTensor> folded = new ArrayList<>();
        for (StoredTensor tensor : tensors) {
            StoredTensor other = byName.get(partner(tensor.name()));
            if (other == null) {
                folded.add(tensor);
            } else if (isDirection(tensor.name())) {
                folded.add(fits(other, tensor) ? product(other, tensor) : tensor);
            } else if (!fits(tensor, other)) {
                folded.add(tensor);
            }
        }
        return folded;
    }

    private static boolean isDirection(String name) {
        return name.endsWith(DIRECTION) || name.endsWith(DIRECTION_NOW);
    }

    private static String partner(String name) {
        String[][] pairs = {{LENGTH, DIRECTION}, {LENGTH_NOW, DIRECTION_NOW}};
        for (String[] pair : pairs) {
            for (int i = 0; i < 2; i++) {
                if (name.endsWith(pair[i])) {
                    return name.substring(0, name.length() - pair[i].length()) + pair[1 - i];
                }
            }
        }
        return "";
    }

    /** Whether lengths are those of the rows of the directions, or of all of them together. */
    private static boolean fits(StoredTensor lengths, StoredTensor directions) {
        List<Long> shape = lengths.shape();
        if (shape.isEmpty()) {
            return true;
        }
        return shape.size() == directions.shape().size()
                && shape.get(0).equals(directions.shape().get(0))
                && shape.stream().skip(1).allMatch(size -> size == 1);
    }

    private static StoredTensor product(StoredTensor lengths, StoredTensor directions) {
        String name = directions.name();
        String weight = name.endsWith(DIRECTION)
                ? name.substring(0, name.length() - DIRECTION.length())
                : name.substring(0, name.length() - DIRECTION_NOW.length()).replace(PARAMETRIZED, "");
        return new StoredTensor(
                weight,
                directions.type(),
                directions.shape(),
                () -> product(lengths.values().get(), directions.values().get()));
    }

    private static float[] product(float[] lengths, float[] directions) {
        int each = directions.length / Math.max(1, lengths.length);
        for (int row = 0; row < lengths.length; row++) {
            double squares = 0;
            for (int i = row * each; i < (row + 1) * each; i++) {
                squares += (double) directions[i] * directions[i];
            }
            double factor = lengths[row] / Math.sqrt(squares);
            for (int i = row * each; i < (row + 1) * each; i++) {
                directions[i] = (float) (directions[i] * factor);
            }
        }
        return directions;
    }
}
