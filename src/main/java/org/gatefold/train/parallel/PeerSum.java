package org.gatefold.train.parallel;

import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Sums of tensors on devices that copy from each other: each worker takes one part of a stretch from all others, adds it up in the order
 * of the workers, and takes the sums of the other parts, so that of n devices each receives {@code 2 (n - 1) / n} times the bytes of the
 * numbers. Copies are ordered by the devices; threads wait for each other until copies are submitted, not until they are done.
 *
 * <p>Owns room for one part of every other worker, through a scope that its maker closes. One thread.
 */
final class PeerSum implements DeviceSum {
    private final LocalWorker worker;
    private final ElementwiseOp elementwise;
    private final Tensor tensor;
    private final Tensor room;
    private final int longest;

    PeerSum(LocalWorker worker, Device device, Scope scope, Tensor tensor) {
        this.worker = worker;
        this.elementwise = device.operation(ElementwiseOp.class);
        this.tensor = tensor;
        int size = worker.size();
        this.longest = Math.toIntExact((tensor.elements() + size - 1) / size);
        this.room = size > 1 ? scope.f32("parts of other workers", (size - 1) * longest) : null;
    }

    @Override
    public void sum(List<Stretch> stretches, float factor) {
        String call = "a sum on devices of " + stretches;
        Call open = Call.begin(tensor);
        try {
            if (factor != 1f) {
                stretches.forEach(stretch -> scale(part(tensor, stretch.from(), stretch.count()), factor));
            }
            List<PeerSum> all =
                    worker.meet(call, this).stream().map(PeerSum.class::cast).toList();
            stretches.forEach(stretch -> add(all, stretch));
            worker.meet(call, this);
            stretches.forEach(stretch -> take(all, stretch));
            // Nobody overwrites what is still to be copied.
            worker.meet(call, this);
        } finally {
            open.end();
        }
    }

    private void scale(Tensor part, float factor) {
        elementwise.scale(factor, part, part);
    }

    /** Adds up this worker's part. */
    private void add(List<PeerSum> all, Stretch stretch) {
        int rank = worker.rank();
        int from = stretch.first(rank, all.size());
        int count = stretch.first(rank + 1, all.size()) - from;
        if (count == 0 || all.size() == 1) {
            return;
        }
        Tensor mine = part(tensor, from, count);
        Tensor[] parts = new Tensor[all.size()];
        for (int i = 0; i < parts.length; i++) {
            if (i == rank) {
                parts[i] = mine;
            } else {
                parts[i] = part(room, (i < rank ? i : i - 1) * longest, count);
                parts[i].copyFrom(part(all.get(i).tensor, from, count));
            }
        }
        Tensor sum = parts[0];
        for (int i = 1; i < parts.length; i++) {
            // This worker's own numbers are needed till they are added.
            Tensor next = i == parts.length - 1 ? mine : parts[0];
            elementwise.combine(Binary.ADD, sum, parts[i], next);
            sum = next;
        }
    }

    /** Takes the sums that the others have made. */
    private void take(List<PeerSum> all, Stretch stretch) {
        for (int i = 0; i < all.size(); i++) {
            int from = stretch.first(i, all.size());
            int count = stretch.first(i + 1, all.size()) - from;
            if (i != worker.rank() && count > 0) {
                part(tensor, from, count).copyFrom(part(all.get(i).tensor, from, count));
            }
        }
    }

    private static Tensor part(Tensor of, int from, int count) {
        return of.part(of.name(), from, Shape.of(count));
    }
}
