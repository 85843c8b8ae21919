package org.gatefold.contract.recurrent;

import java.util.Optional;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;

/** For tests: an implementation that takes what another one takes. */
public interface ForwardingRecurrent extends RecurrentOp {
    /** The other one. */
    RecurrentOp inner();

    @Override
    default Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        return inner().unsupported(spec, mode);
    }

    @Override
    default Footprint footprint(RecurrentSpec spec, Mode mode) {
        return inner().footprint(spec, mode);
    }
}
