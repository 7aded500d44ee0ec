using System.Text;

namespace Recipes.Data;

/// <summary>Synthetic captions of one captioner.</summary>
/// <param name="Key">Their key in syn.json: <c>syn_text</c>, <c>syn_text_…</c> or <c>…_captions</c>.</param>
/// <param name="Captions">The captions.</param>
/// <param name="Embeddings">The teachers' embeddings of them, a row for each; null where none are stored.</param>
public sealed record SyntheticCaptions(string Key, IReadOnlyList<string> Captions, EmbeddingTable? Embeddings)
{
    /// <summary>Equal when the key, all captions and the embeddings are.</summary>
    public bool Equals(SyntheticCaptions? other) =>
        other is not null && Key == other.Key && Captions.SequenceEqual(other.Captions) && Equals(Embeddings, other.Embeddings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Captions.Count, Embeddings);
}

/// <summary>What a training step takes of a reinforced sample.</summary>
/// <param name="Augmentation">How the picture is augmented.</param>
/// <param name="Caption">A caption that came with it.</param>
/// <param name="Synthetic">A synthetic caption; null where there is none.</param>
/// <param name="Image">The teachers' embedding of the augmented picture.</param>
/// <param name="Text">Of the caption.</param>
/// <param name="SyntheticText">Of the synthetic caption.</param>
public sealed record ReinforcedView(
    StoredAugmentation Augmentation,
    string Caption,
    string? Synthetic,
    float[] Image,
    float[] Text,
    float[]? SyntheticText
);

/// <summary>
/// A picture with captions, stored augmentations, synthetic captions and the teachers' embeddings of all of them, as DataCompDR
/// stores it (MobileCLIP sec. 3; ml-mobileclip-dr): a group of files with one key.
/// </summary>
public sealed record ReinforcedSample
{
    /// <summary>What the names of its files begin with.</summary>
    public required string Key { get; init; }

    /// <summary>The picture file as it came; null where pictures are kept elsewhere.</summary>
    public byte[]? Image { get; init; }

    /// <summary>The picture file's ending, such as <c>jpg</c>.</summary>
    public string ImageKind { get; init; } = "jpg";

    /// <summary>Where the picture came from.</summary>
    public string? Url { get; init; }

    /// <summary>The captions that came with it. The format has one; more stand under <c>captions</c> in the json member.</summary>
    public IReadOnlyList<string> Captions { get; init; } = [];

    /// <summary>The augmentations that the teachers saw.</summary>
    public IReadOnlyList<StoredAugmentation> Augmentations { get; init; } = [];

    /// <summary>Synthetic captions, by captioner.</summary>
    public IReadOnlyList<SyntheticCaptions> Synthetic { get; init; } = [];

    /// <summary>Embeddings of the augmented pictures, <c>[augmentations, width]</c>.</summary>
    public EmbeddingTable? ImageEmbeddings { get; init; }

    /// <summary>Embeddings of the captions, <c>[captions, width]</c>.</summary>
    public EmbeddingTable? TextEmbeddings { get; init; }

    /// <summary>Other arrays by name, such as teachers' logits.</summary>
    public IReadOnlyDictionary<string, EmbeddingTable> Others { get; init; } =
        new Dictionary<string, EmbeddingTable>(StringComparer.Ordinal);

    /// <summary>What is left of the sample: a JSON object as text, or null.</summary>
    public string? Json { get; init; }

    /// <summary>Reads the files of one key, in the layout of today or the older one of the published sets.</summary>
    /// <param name="key">The key.</param>
    /// <param name="members">The files by their ending without the first dot, such as <c>paug.json</c>.</param>
    /// <param name="teachers">The widths of the teachers' embeddings, in order; null where they are not known, none where no teacher was asked.</param>
    /// <exception cref="RecipesException">Everything that is missing, damaged or does not fit, with the key.</exception>
    public static ReinforcedSample Read(string key, IReadOnlyDictionary<string, byte[]> members, IReadOnlyList<int>? teachers = null)
    {
        var reader = new ReinforcedReader(key, members, embedded: teachers is not { Count: 0 });
        var sample = reader.Read();
        var problems = reader.Problems.Count > 0 ? reader.Problems : sample.Problems(teachers);
        RecipesException.ThrowIfAny($"sample {key} cannot be used:", problems);
        return sample;
    }

    /// <summary>Reads a sample of a shard.</summary>
    /// <inheritdoc cref="Read(string, IReadOnlyDictionary{string, byte[]}, IReadOnlyList{int})"/>
    public static ReinforcedSample Read(ShardSample sample, IReadOnlyList<int>? teachers = null) =>
        Read(sample.Key, sample.Members.ToDictionary(m => m.Extension, m => m.Bytes.ToArray(), StringComparer.Ordinal), teachers);

    /// <summary>The sample as a shard holds it.</summary>
    /// <param name="layout">How; null for the layout of today with bfloat16.</param>
    public ShardSample ToShard(ReinforcedLayout? layout = null) =>
        new(Key, [.. Write(layout).Select(file => new ShardMember(file.Ending, file.Content))]);

    /// <summary>The sample's files, in order of their endings; <see cref="Read(ShardSample, IReadOnlyList{int})"/> reads them back equal.</summary>
    /// <param name="layout">How; null for the layout of today with bfloat16.</param>
    public IReadOnlyList<(string Ending, byte[] Content)> Write(ReinforcedLayout? layout = null) =>
        ReinforcedWriter.Write(this, layout ?? new ReinforcedLayout());

    /// <summary>What a training step takes. The official loader's sequential mode counts both indices up with the epoch.</summary>
    /// <param name="augmentation">Which augmentation; counted round.</param>
    /// <param name="synthetic">Which synthetic caption of the first captioner; counted round.</param>
    /// <param name="caption">Which caption; counted round.</param>
    public ReinforcedView View(int augmentation, int synthetic, int caption = 0)
    {
        var a = augmentation % Augmentations.Count;
        var c = caption % Captions.Count;
        var captioner = Synthetic.FirstOrDefault(s => s.Captions.Count > 0);
        var s = captioner is null ? 0 : synthetic % captioner.Captions.Count;
        return new ReinforcedView(
            Augmentations[a],
            Captions[c],
            captioner?.Captions[s],
            ImageEmbeddings!.Row(a),
            TextEmbeddings!.Row(c),
            captioner?.Embeddings?.Row(s)
        );
    }

    /// <summary>Everything that does not fit: rows that are not as many as augmentations or captions, widths, lengths other than 1.</summary>
    /// <param name="teachers">The widths of the teachers' embeddings, in order; null where they are not known, none where no teacher was asked.</param>
    public IReadOnlyList<string> Problems(IReadOnlyList<int>? teachers = null) => ReinforcedCheck.Problems(this, teachers);

    /// <summary>Equal when all parts are.</summary>
    public bool Equals(ReinforcedSample? other) =>
        other is not null
        && (Key, Url, Json) == (other.Key, other.Url, other.Json)
        && (Image is null ? other.Image is null : ImageKind == other.ImageKind && Image.AsSpan().SequenceEqual(other.Image))
        && Captions.SequenceEqual(other.Captions)
        && Augmentations.SequenceEqual(other.Augmentations)
        && Synthetic.SequenceEqual(other.Synthetic)
        && Equals(ImageEmbeddings, other.ImageEmbeddings)
        && Equals(TextEmbeddings, other.TextEmbeddings)
        && Others.Count == other.Others.Count
        && Others.All(o => other.Others.TryGetValue(o.Key, out var same) && o.Value.Equals(same));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Url, Json, Captions.Count, Augmentations.Count, Synthetic.Count);

    /// <summary>One line: key and counts.</summary>
    public override string ToString() =>
        new StringBuilder($"{Key}: {Augmentations.Count} augmentations, {Captions.Count} captions")
            .Append(string.Concat(Synthetic.Select(s => $", {s.Captions.Count} {s.Key}")))
            .Append(ImageEmbeddings is { } e ? $"; {e.Width} wide, {(e.IsBfloat16 ? "bfloat16" : "float32")}" : "")
            .ToString();
}
