using System.Text;

namespace Recipes.Data;

/// <summary>
/// Text from ids that come one by one, as a decoder writes them. A character whose UTF-8 bytes span several tokens appears whole, with its
/// last token.
/// </summary>
/// <param name="tokenizer">What the ids are of.</param>
public sealed class StreamedText(ITokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>What this id completes; empty while a character is not whole.</summary>
    public string Append(int id) => Convert(tokenizer.Bytes(id).Span, flush: false);

    /// <summary>Ends the text: U+FFFD for a character that never became whole, else nothing. The stream can be used again.</summary>
    public string Finish() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush)];
        return new string(characters, 0, _decoder.GetChars(bytes, characters, flush));
    }
}
