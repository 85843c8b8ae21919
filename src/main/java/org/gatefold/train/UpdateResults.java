package org.gatefold.train;

import org.gatefold.device.DownloadSlot;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What two updates, one after the other, have to tell: losses, norms of gradients, and the factors that say by not being finite that
 * there is no update. They take turns, so that one can be read while the device writes the other.
 *
 * <p>The losses of each stand behind the factor of the other, the update before: together they are what an update requires. Its room is
 * the scope's. One thread.
 */
final class UpdateResults {
    /** Norm and factor. */
    private static final int RESULT = 2;

    private final Scope scope;
    private final Turn[] turns;
    private Tensor squares;

    /**
     * Norm of gradients and what to multiply them with.
     *
     * @param both {@code [2]}
     * @param factor {@code [1]}, the second of them
     */
    record Result(Tensor both, Tensor factor) {
        private static Result of(Tensor both) {
            return new Result(both, both.part("scale", 1, Shape.of(1)));
        }
    }

    /** One of the two. */
    final class Turn {
        private final int number;
        private long requiredFrom;
        private final int before;
        private final int norm;
        private final Tensor[] losses;
        private final Result result;
        private final Result limited;
        private final Tensor all;
        private final DownloadSlot download;
        private final float[] told;
        private Tensor required;
        private Tensor ofEach;
        private Tensor ofEachLimited;

        @SuppressWarnings("MustBeClosedChecker") // the scope closes it
        private Turn(int number, Tensor all, int most) {
            this.number = number;
            this.all = all;
            // Norm and factor of the second, losses of the first, norm and factor of the first, losses of the second.
            this.before = number == 0 ? RESULT - 1 : RESULT + most + RESULT - 1;
            this.norm = number == 0 ? RESULT + most : 0;
            this.losses = new Tensor[most];
            for (int i = 0; i < most; i++) {
                losses[i] = all.part("loss", before + 1L + i, Shape.of(1));
            }
            this.result = Result.of(all.part("gradient norm", norm, Shape.of(RESULT)));
            this.limited = Result.of(scope.zeros("norm of limited gradients", RESULT));
            this.told = new float[most + 1];
            this.download = scope.own(scope.device().openDownloadSlot("losses and gradient norms", all.arraySize()));
        }

        /** Where the loss of a pass goes. */
        Tensor loss(int pass) {
            return losses[pass];
        }

        /** The losses of some passes, the first ones, as they are now; waits for the device. */
        float[] losses(int passes) {
            float[] read = new float[passes];
            all.read(before + 1L, read, 0, passes);
            return read;
        }

        /** Where norm and factor go. */
        Result result() {
            return result;
        }

        /** Where norm and factor of gradients go that are limited one by one. */
        Result limited() {
            return limited;
        }

        /**
         * What must be finite for there to be an update; null for nothing.
         *
         * @param passes whose losses must be
         * @param follows whether the update before must have been made
         */
        Tensor required(int passes, boolean follows) {
            int count = passes + (follows ? 1 : 0);
            long from = before + (follows ? 0L : 1L);
            if (count > 0 && (required == null || required.elements() != count || requiredFrom != from)) {
                required = all.part("required", from, Shape.of(count));
                requiredFrom = from;
            }
            return count == 0 ? null : required;
        }

        /** Room for a sum of squares of each of some parts. */
        Tensor squares(int parts) {
            ofEach = ofEach != null && ofEach.elements() == parts ? ofEach : room(parts, 0);
            return ofEach;
        }

        /** Likewise of limited gradients. */
        Tensor limitedSquares(int parts) {
            ofEachLimited = ofEachLimited != null && ofEachLimited.elements() == parts ? ofEachLimited : room(parts, 1);
            return ofEachLimited;
        }

        private Tensor room(int parts, int which) {
            if (squares == null || squares.elements() < 4L * parts) {
                squares = scope.f32("squared gradient norms", squares == null ? 4 * parts : 8 * parts);
            }
            long from = squares.elements() / 4 * (2L * number + which);
            return squares.part("squared gradient norms", from, Shape.of(parts));
        }

        /** Asks for losses and norm as they are now. */
        void submit() {
            download.submit(all);
        }

        /** Losses, and behind them the norm, of the last {@link #submit}; valid until the next call. */
        float[] take() {
            float[] read = download.take();
            System.arraycopy(read, before + 1, told, 0, losses.length);
            told[losses.length] = read[norm];
            return told;
        }
    }

    /** @param most passes of an update */
    UpdateResults(Scope scope, int most) {
        this.scope = scope;
        Tensor all = scope.zeros("losses and gradient norms", 2 * (most + RESULT));
        turns = new Turn[] {new Turn(0, all, most), new Turn(1, all, most)};
    }

    /** Whether results of an update come later than the call that submits it. */
    boolean areLate() {
        return turns[0].download.waits();
    }

    /** That of an update, counted by all that were ever submitted. */
    Turn turn(long number) {
        return turns[(int) (number % 2)];
    }
}
