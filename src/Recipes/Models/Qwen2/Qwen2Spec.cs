using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// Qwen2 as FastVLM uses it (arXiv 2412.13303): RMS norms, rotary positions in halves, grouped queries with biases, SwiGLU.
/// Entry points: <see cref="Qwen2.B05"/>, <see cref="Qwen2.B15"/>, <see cref="Qwen2.B7"/>.
/// </summary>
public sealed record Qwen2Spec : DecoderSpec
{
    /// <summary>Heads of keys and values, K.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Whether the output matrix is the embedding table. Checkpoints of a tied model may hold it once or twice.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether queries, keys and values have biases; LLaMA, otherwise of the same operators, has none.</summary>
    /// <value>Default true.</value>
    public bool Biases { get; init; } = true;

    /// <summary>
    /// Whether all layers are one, called again and again: the operators, their sizes and the cache of the whole network in the memory of
    /// one layer. For timing networks that are larger than memory.
    /// </summary>
    /// <value>Default false.</value>
    public bool SharedLayer { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int KeyHeads => KeyValueHeads;

    /// <inheritdoc/>
    [JsonIgnore]
    public override long Body
    {
        get
        {
            var (width, keys) = ((long)Width, (long)KeyHeads * HeadWidth);
            var biases = Biases ? width + 2 * keys : 0;
            var attention = 2 * width * (width + keys) + biases;
            return BuiltLayers * (attention + 3 * width * Inner + 2 * width) + width;
        }
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public override long Embeddings => (TiedHead ? 1L : 2L) * Vocabulary * Width;

    /// <summary>Layers with weights of their own.</summary>
    internal int BuiltLayers => SharedLayer ? 1 : Layers;

    /// <summary>The spec with one layer's weights for all layers, and one table for embeddings and logits.</summary>
    public Qwen2Spec WithSharedLayer() => this with { SharedLayer = true, TiedHead = true };

    /// <summary>The spec with another number of layers.</summary>
    public Qwen2Spec WithLayers(int layers) => this with { Layers = layers };

    /// <summary>The spec with another vocabulary.</summary>
    public Qwen2Spec WithVocabulary(int vocabulary) => this with { Vocabulary = vocabulary };

    /// <inheritdoc/>
    protected override Module CreateModule() => new Qwen2(this);
}
