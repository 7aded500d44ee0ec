using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Data;

/// <summary>
/// CLIP's tokenizer, also of open_clip, MobileCLIP and MobileCLIP2: small letters, white space as one space, HTML entities resolved; byte-pair
/// encoding of words that end in <c>&lt;/w&gt;</c>; 49,408 tokens.
/// </summary>
/// <remarks>
/// The official code first repairs text with the library ftfy; here straight quotes, ligatures, character width, control characters and NFC
/// are done, text decoded with a wrong encoding is left as it is, and of HTML's names only those of HTML 4 with a semicolon are known.
/// </remarks>
public sealed partial class ClipTokenizer : ITokenizer
{
    private readonly RuneMatcher _words = new(Words());
    private readonly BytePairs _pairs;

    private ClipTokenizer(Vocabulary vocabulary)
    {
        vocabulary = vocabulary.WithSpecial("<|startoftext|>", "<|endoftext|>");
        (Start, EndOfText) = (vocabulary.Special("<|startoftext|>"), vocabulary.Special("<|endoftext|>"));
        _pairs = new BytePairs(vocabulary, "</w>");
    }

    /// <summary>Ids of a caption that the models read.</summary>
    public const int Context = 77;

    /// <summary>Ids that CLIP's own vocabulary knows.</summary>
    public const int Known = 49408;

    /// <inheritdoc/>
    public int Vocabulary => _pairs.Count;

    /// <summary>The id before every caption, 49406.</summary>
    public int Start { get; }

    /// <inheritdoc/>
    /// <remarks>49407, the largest id; the models take the features at its place.</remarks>
    public int EndOfText { get; }

    /// <summary>Reads the vocabulary.</summary>
    /// <param name="path">
    /// <c>bpe_simple_vocab_16e6.txt.gz</c> or a tokenizer.json, packed by gzip or not; null for the one that <c>recipes data get clip-vocabulary</c>
    /// brought.
    /// </param>
    /// <exception cref="MissingDataException">There is none in the cache.</exception>
    /// <exception cref="RecipesException">The file is missing, damaged, or of another tokenizer.</exception>
    public static ClipTokenizer Open(string? path = null)
    {
        path ??= Vocabularies.Clip();
        return new ClipTokenizer(
            path.Contains(".json", StringComparison.Ordinal) ? VocabularyFile.Tokenizer(path) : VocabularyFile.Clip(path)
        );
    }

    /// <summary>
    /// The same tokenizer with a vocabulary of its own: each of these words is one token, other text is pieces and bytes. For networks that are trained from
    /// scratch on a small language, such as <see cref="SceneWords.All"/>.
    /// </summary>
    /// <param name="words">Words in small letters.</param>
    public static ClipTokenizer OfWords(IEnumerable<string> words) => new(WordVocabulary.Of("words", words));

    /// <summary>The tokenizer of scenes' captions.</summary>
    public static ClipTokenizer Scenes { get; } = OfWords(SceneWords.All);

    /// <inheritdoc/>
    public IReadOnlyList<int> Encode(string text)
    {
        var clean = CaptionText.Clean(text);
        var ids = new List<int>(clean.Length / 4 + 2);
        foreach (var range in _words.Matches(clean))
        {
            var word = clean.AsSpan()[range];
            if (word.SequenceEqual("<|startoftext|>"))
                ids.Add(Start);
            else if (word.SequenceEqual("<|endoftext|>"))
                ids.Add(EndOfText);
            else
                _pairs.Encode(word, ids);
        }
        return ids;
    }

    /// <summary>
    /// Captions as a model reads them: start, ids, end, then zeros. A caption of more than 75 ids is cut, and still ends with the end, as the
    /// official code does when it is told to truncate.
    /// </summary>
    /// <returns><c>[N, 77]</c>, int64, on the CPU.</returns>
    /// <exception cref="RecipesException">There is no caption.</exception>
    public Tensor Encode(IReadOnlyList<string> captions) => Encode(captions, Context);

    /// <summary>Captions for a model of another context: start, ids, end, then zeros; what is too long is cut, and still ends with the end.</summary>
    /// <returns><c>[N, context]</c>, int64, on the CPU.</returns>
    /// <exception cref="RecipesException">There is no caption, or no room for a start and an end.</exception>
    public Tensor Encode(IReadOnlyList<string> captions, int context)
    {
        if (captions.Count == 0)
            throw new RecipesException("captions: expected at least one, found none.");
        if (context < 2)
            throw new RecipesException($"context: expected at least 2 tokens, for a start and an end; found {context}.");
        var rows = new long[captions.Count * context];
        for (var i = 0; i < captions.Count; i++)
            Fill(captions[i], rows.AsSpan(i * context, context));
        return tensor(rows, [captions.Count, context]);
    }

    /// <summary>One caption as a model reads it; what is too long is cut.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="row">Receives start, ids, end, then zeros; at least 2 tokens.</param>
    public void Fill(string caption, Span<long> row)
    {
        var ids = Encode(caption);
        var kept = Math.Min(ids.Count, row.Length - 2);
        row.Clear();
        row[0] = Start;
        for (var k = 0; k < kept; k++)
            row[k + 1] = ids[k];
        row[kept + 1] = EndOfText;
    }

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => _pairs.Decode(ids).TrimEnd(' ');

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Bytes(int id) => _pairs.Bytes(id);

    [GeneratedRegex(
        @"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Words();
}
