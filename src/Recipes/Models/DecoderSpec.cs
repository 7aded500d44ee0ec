using System.Text.Json.Serialization;

namespace Recipes.Models;

/// <summary>What decoder-only language models have in common: sizes, and what follows from them without building anything.</summary>
public abstract record DecoderSpec : NetworkSpec
{
    /// <summary>D, width of the tokens.</summary>
    public required int Width { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>H, heads of the queries; each has D/H components.</summary>
    public required int Heads { get; init; }

    /// <summary>Inner width of the feed-forward blocks.</summary>
    public required int Inner { get; init; }

    /// <summary>V, number of token ids.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The most tokens that a sequence may have.</summary>
    public required int Context { get; init; }

    /// <summary>Base of the rotary angles.</summary>
    public required double RotaryBase { get; init; }

    /// <summary>ε of the norms.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Decoders have no images.</summary>
    [JsonIgnore]
    public sealed override int Resolution => 0;

    /// <summary>D/H, components of a head.</summary>
    [JsonIgnore]
    public int HeadWidth => Width / Heads;

    /// <summary>Heads of keys and values, K; K divides H.</summary>
    [JsonIgnore]
    public abstract int KeyHeads { get; }

    /// <summary>Trainable parameters, by formula; a tied matrix counts once.</summary>
    [JsonIgnore]
    public long Parameters => Body + Embeddings;

    /// <summary>Parameters of the layers and the last norm.</summary>
    [JsonIgnore]
    public abstract long Body { get; }

    /// <summary>Parameters of the embedding table and, where it is not tied to it, the output matrix.</summary>
    [JsonIgnore]
    public abstract long Embeddings { get; }

    /// <summary>Multiply-accumulates of the linear layers for one token of one sequence, the output matrix not counted.</summary>
    [JsonIgnore]
    public long MacsPerToken => (long)Layers * Width * (2L * Width + 2L * KeyHeads * HeadWidth + 3L * Inner);

    /// <inheritdoc/>
    public override Decoder Build(long seed = 0) => (Decoder)base.Build(seed);

    /// <summary>
    /// Multiply-accumulates of the linear layers for one sequence (attention products not counted, as in the papers' tables).
    /// </summary>
    /// <param name="tokens">Tokens of the sequence.</param>
    /// <param name="logits">Tokens for which logits are computed: all in training, the last one before generation.</param>
    public long Macs(long tokens, long logits) => tokens * MacsPerToken + logits * Width * Vocabulary;

    /// <summary>Multiply-accumulates within attention (q·kᵀ and its product with v) for one sequence; each token sees itself and those before it.</summary>
    /// <param name="tokens">Tokens of the sequence.</param>
    public long AttentionMacs(long tokens) => 2L * Layers * Width * (tokens * (tokens + 1) / 2);

    /// <summary>Bytes of keys and values of one sequence.</summary>
    /// <param name="tokens">Tokens of the sequence.</param>
    /// <param name="bytesPerNumber">4 for float32, 2 for float16 and bfloat16.</param>
    public long CacheBytes(long tokens, int bytesPerNumber = 4) => 2L * Layers * KeyHeads * HeadWidth * tokens * bytesPerNumber;

    /// <summary>Every size that cannot be, in one error.</summary>
    internal void Check()
    {
        var problems = new List<string>();
        foreach (
            var (value, name) in ((int, string)[])
                [
                    (Width, nameof(Width)),
                    (Layers, nameof(Layers)),
                    (Heads, nameof(Heads)),
                    (KeyHeads, nameof(KeyHeads)),
                    (Inner, nameof(Inner)),
                    (Vocabulary, nameof(Vocabulary)),
                    (Context, nameof(Context)),
                ]
        )
        {
            if (value < 1)
                problems.Add($"{name} is {value}; it must be 1 or more");
        }
        if (problems.Count == 0 && Width % (2 * Heads) != 0)
            problems.Add($"{nameof(Width)} {Width} over {Heads} heads must be a whole, even number: rotary positions turn pairs");
        if (problems.Count == 0 && Heads % KeyHeads != 0)
            problems.Add($"{nameof(Heads)} {Heads} must be a multiple of {nameof(KeyHeads)} {KeyHeads}");
        RecipesException.ThrowIfAny($"{Name} cannot be built:", problems);
    }
}
