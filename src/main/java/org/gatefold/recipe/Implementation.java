package org.gatefold.recipe;

import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;

/** Which implementation of the recurrent operation a device uses. Stateless. */
public final class Implementation {
    private Implementation() {}

    /**
     * The implementation that trains an LSTM of the given size on batches of the given size.
     *
     * @throws IllegalArgumentException if {@code -Dgatefold.use} names an unknown one
     */
    public static String of(
            Device device, NetworkOptions network, Direction direction, int steps, int batch, int inputSize) {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, steps, batch, inputSize, network.hidden())
                .withLayers(network.layers())
                .withDirection(direction)
                .withDropout(network.layers() > 1 ? network.dropout() : 0)
                .withPrecision(network.precision());
        return Choice.choose(device, RecurrentOp.FAMILY, spec, Mode.TRAINING).name();
    }

    /** All that a device has, preferred first. */
    public static List<String> all(Device device) {
        return device.operations(RecurrentOp.class).stream()
                .map(RecurrentOp::name)
                .toList();
    }
}
