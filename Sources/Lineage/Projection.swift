// The linear maps that an adapter can sit on, by name. Knows no weights.

/// The linear maps of a decoder that can carry an adapter, by their names in Hugging Face checkpoints.
public enum Projection: String, SettingChoice {
    case q = "q_proj"
    case k = "k_proj"
    case v = "v_proj"
    case o = "o_proj"
    case gate = "gate_proj"
    case up = "up_proj"
    case down = "down_proj"
    case head = "lm_head"

    /// The projections of a layer: all but the head.
    public static let ofLayer: [Projection] = [.q, .k, .v, .o, .gate, .up, .down]
}
