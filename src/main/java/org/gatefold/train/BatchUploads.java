package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.DeviceBatch;
import org.gatefold.device.Device;
import org.gatefold.device.UploadSlot;
import org.gatefold.train.loss.Loss;

/**
 * The batches of an epoch on the device, each uploaded while the one before is worked on. Owns two slots of device memory,
 * filled in turn. One thread.
 */
final class BatchUploads implements AutoCloseable {
    private final Loss loss;
    private final UploadSlot[] slots;
    private Batches.Epoch epoch;
    private Uploaded ahead;
    private Uploaded current;
    private int next;

    /**
     * A batch on the device, valid until the next but one is uploaded.
     *
     * @param index within the epoch
     * @param weight sum of the weights that the loss is a mean over
     */
    record Uploaded(
            int index, DeviceBatch values, int rows, long steps, boolean continues, double weight, UploadSlot slot) {}

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the fields are closed by close()
    BatchUploads(Device device, Loss loss) {
        this.loss = loss;
        this.slots = new UploadSlot[] {device.openUploadSlot("batch"), device.openUploadSlot("batch ahead")};
    }

    /** A batch of an epoch, uploaded now unless it was uploaded ahead; work submitted from here on may read it. */
    Uploaded take(Batches.Epoch from, int index) {
        if (ahead == null || from != epoch || ahead.index() != index) {
            ahead = upload(from, index);
        }
        current = ahead;
        ahead = null;
        current.slot().ready();
        return current;
    }

    /** Call when the work on the batch taken last is submitted. */
    void submitted() {
        current.slot().release();
    }

    /** Uploads the batch after the one taken last, if the epoch has one; best when the work on the batch before that one is done. */
    void ahead() {
        if (current.index() + 1 < epoch.count()) {
            ahead = upload(epoch, current.index() + 1);
        }
    }

    private Uploaded upload(Batches.Epoch from, int index) {
        epoch = from;
        UploadSlot slot = slots[next];
        next = 1 - next;
        Batch batch = from.batch(index);
        DeviceBatch values = batch.upload(slot.refill());
        slot.send();
        return new Uploaded(
                index, values, batch.rows(), batch.realSteps(), batch.continues(), loss.weight(batch), slot);
    }

    @Override
    public void close() {
        for (UploadSlot slot : slots) {
            slot.close();
        }
    }
}
