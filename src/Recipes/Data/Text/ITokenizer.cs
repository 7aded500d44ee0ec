namespace Recipes.Data;

/// <summary>Text to token ids and back.</summary>
public interface ITokenizer
{
    /// <summary>Known tokens, special ones included: one more than the largest id. Models may have padded tables, a little larger.</summary>
    int Vocabulary { get; }

    /// <summary>The id that ends a document or a caption.</summary>
    int EndOfText { get; }

    /// <summary>The ids of a text, without start and end.</summary>
    IReadOnlyList<int> Encode(string text);

    /// <summary>The text of ids. Special tokens are left out; ids of no token and bytes that are no UTF-8 give U+FFFD.</summary>
    string Decode(IEnumerable<int> ids);

    /// <summary>The UTF-8 bytes that one id stands for; none for special tokens. A character may span several ids: see <see cref="StreamedText"/>.</summary>
    ReadOnlyMemory<byte> Bytes(int id);
}
