// What the steps of every recurrent cell need before they run.

#include "common/recurrent/step.cuh"

using namespace gatefold;

// Sets the frame that the graph launched next reads. The values travel as the launch's own
// parameters: no host memory has to outlive the call. One thread.
extern "C" __global__ void set_step_frame(StepFrame value, StepFrame* frame) { *frame = value; }
