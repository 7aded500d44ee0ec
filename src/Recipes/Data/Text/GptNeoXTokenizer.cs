using System.Text.RegularExpressions;

namespace Recipes.Data;

/// <summary>
/// The tokenizer of GPT-NeoX-20B, with which OpenLM and Dataset Decomposition are trained: byte-level byte-pair encoding of NFC text, GPT-2's
/// split into words, tokens of their own for runs of 2 to 24 spaces; 50,277 tokens.
/// </summary>
public sealed partial class GptNeoXTokenizer : ITokenizer
{
    private readonly ByteLevelText _text;

    private GptNeoXTokenizer(Vocabulary vocabulary)
    {
        EndOfText = vocabulary.Special("<|endoftext|>");
        _text = new ByteLevelText(vocabulary, Words());
    }

    /// <inheritdoc/>
    public int Vocabulary => _text.Pairs.Count;

    /// <inheritdoc/>
    /// <remarks>0. Dataset Decomposition appends one to every document.</remarks>
    public int EndOfText { get; }

    /// <summary>Reads a tokenizer.json, packed by gzip or not.</summary>
    /// <exception cref="RecipesException">The file is missing, damaged, or of another tokenizer.</exception>
    public static GptNeoXTokenizer Open(string path) => new(VocabularyFile.Open(path));

    /// <inheritdoc/>
    /// <remarks>The names of special tokens in the text are text; see the other overload.</remarks>
    public IReadOnlyList<int> Encode(string text) => Encode(text, special: false);

    /// <summary>The ids of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="special">Whether <c>&lt;|endoftext|&gt;</c> in the text is the token, as in Hugging Face's library, or just its characters.</param>
    public IReadOnlyList<int> Encode(string text, bool special) => _text.Encode(text, special);

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => _text.Pairs.Decode(ids);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Bytes(int id) => _text.Pairs.Bytes(id);

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
