package org.gatefold.backend.cuda.recurrent;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.SideStream;
import org.gatefold.backend.cuda.kernel.Kernels;

/**
 * The lanes of a device's plans of equal cell, options, batch, hidden size, precision and number of directions, whatever their number
 * of steps. All work of a device is ordered on one stream, so plans can take turns on one lane; whoever submits a pass holds
 * the monitor of its operation from the first launch to the last.
 */
final class StepsLanes implements AutoCloseable {
    private final List<StepsLane> lanes = new ArrayList<>();
    private final SideStream sideStream;

    StepsLanes(CudaContext context, Kernels kernels, StepsLane.Size size, StepsVariant variant) {
        for (int direction = 0; direction < size.directions(); direction++) {
            lanes.add(new StepsLane(context, kernels, size, variant.room(size)));
        }
        sideStream = size.directions() == 2 && !variant.fillsCard() ? new SideStream(context) : null;
    }

    /** The lane of a direction. */
    StepsLane lane(int direction) {
        return lanes.get(direction);
    }

    /** The second direction's stream; null if there is one direction, or two that take turns. */
    SideStream sideStream() {
        return sideStream;
    }

    @Override
    public void close() {
        lanes.forEach(StepsLane::close);
        if (sideStream != null) {
            sideStream.close();
        }
    }
}
