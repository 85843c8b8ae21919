package org.gatefold.layer.recurrent;

/**
 * How another system lists the weights of a recurrent layer and lays them out. Arrays are row-major; G gates of H units, an
 * input of I features (D·H above the first layer), D directions.
 */
public enum WeightLayout {
    /**
     * {@code nn.LSTM}, {@code nn.GRU}, {@code nn.RNN}: for every layer and direction {@code weight_ih [G·H, I]},
     * {@code weight_hh [G·H, H]}, {@code bias_ih [G·H]} and {@code bias_hh [G·H]}, the order of a {@code state_dict}; or
     * without any biases. With a projection ({@code proj_size} P) {@code weight_hh} is {@code [G·H, P]}, and
     * {@code weight_hr [P, H]} comes last.
     */
    PYTORCH,
    /**
     * {@code keras.layers.LSTM}, {@code GRU}, {@code SimpleRNN}: for every layer and direction {@code kernel [I, G·H]},
     * {@code recurrent_kernel [H, G·H]} and {@code bias [G·H]} (of a GRU with {@code reset_after} {@code [2, G·H]}), the order
     * of {@code get_weights()}; or without any bias.
     */
    KERAS,
    /**
     * The operators LSTM, GRU and RNN: {@code W [D, G·H, I]}, {@code R [D, G·H, H]}, {@code B [D, 2·G·H]} and
     * {@code P [D, 3·H]}, of one layer; B may be left out or be empty, P belongs to peepholes.
     */
    ONNX
}
