using System.Text.RegularExpressions;

namespace Recipes.Data;

/// <summary>
/// The tokenizer of Qwen2, and so of FastVLM: byte-level byte-pair encoding of NFC text, numbers digit by digit; 151,643 tokens and the
/// special ones behind them.
/// </summary>
public sealed partial class Qwen2Tokenizer : ITokenizer
{
    /// <summary>Stands for an image among the ids of a conversation, to be replaced by its visual tokens (LLaVA's convention).</summary>
    public const int Image = -200;

    /// <summary>The label of a token that is not to be predicted.</summary>
    internal const int Unlearned = -100;

    private readonly ByteLevelText _text;

    private Qwen2Tokenizer(Vocabulary vocabulary)
    {
        vocabulary = vocabulary.WithSpecial("<|endoftext|>", "<|im_start|>", "<|im_end|>");
        (EndOfText, TurnStart, TurnEnd) = (
            vocabulary.Special("<|endoftext|>"),
            vocabulary.Special("<|im_start|>"),
            vocabulary.Special("<|im_end|>")
        );
        _text = new ByteLevelText(vocabulary, Words());
    }

    /// <inheritdoc/>
    public int Vocabulary => _text.Pairs.Count;

    /// <inheritdoc/>
    /// <remarks><c>&lt;|endoftext|&gt;</c>, 151643.</remarks>
    public int EndOfText { get; }

    /// <summary><c>&lt;|im_start|&gt;</c>, 151644: begins a turn.</summary>
    public int TurnStart { get; }

    /// <summary><c>&lt;|im_end|&gt;</c>, 151645: ends a turn, and so an answer.</summary>
    public int TurnEnd { get; }

    /// <summary>Reads a tokenizer.json, or a vocab.json with merges.txt beside it, packed by gzip or not, or a folder with either.</summary>
    /// <exception cref="RecipesException">A file is missing, damaged, or of another tokenizer.</exception>
    public static Qwen2Tokenizer Open(string path) => new(VocabularyFile.Open(path));

    /// <summary>Reads the two files of GPT-2's layout, whatever their names.</summary>
    /// <param name="vocabulary">JSON: token to id.</param>
    /// <param name="merges">A header, then one merge a line.</param>
    /// <exception cref="RecipesException">A file is missing, damaged, or they do not fit together.</exception>
    public static Qwen2Tokenizer Open(string vocabulary, string merges) => new(VocabularyFile.Pair(vocabulary, merges));

    /// <inheritdoc/>
    /// <remarks>The names of special tokens in the text are text; see the other overload.</remarks>
    public IReadOnlyList<int> Encode(string text) => Encode(text, special: false);

    /// <summary>The ids of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="special">Whether names such as <c>&lt;|im_end|&gt;</c> in the text are the tokens, as in Hugging Face's library, or just characters.</param>
    public IReadOnlyList<int> Encode(string text, bool special) => _text.Encode(text, special);

    /// <summary>
    /// The ids of a conversation in Qwen2's layout (ChatML), as LLaVA-Qwen2 and FastVLM write it: each turn is its start, role, a line's end,
    /// text, its end, a line's end; the images of a turn stand before its text, one a line, as <see cref="Image"/>. What users type never
    /// becomes a special token.
    /// </summary>
    /// <param name="turns">The turns. Without a first system turn, "You are a helpful assistant." is it.</param>
    /// <param name="answer">Whether the assistant's turn is begun at the end, for the model to go on.</param>
    /// <exception cref="RecipesException">There is no turn.</exception>
    public IReadOnlyList<int> Chat(IReadOnlyList<ChatTurn> turns, bool answer = true)
    {
        var ids = WithSystem(turns).SelectMany(Turn).ToList();
        if (answer)
            ids.AddRange([TurnStart, .. Encode("assistant\n")]);
        return ids;
    }

    /// <summary>
    /// A conversation to train on: its ids, and which of them are to be predicted. These are the assistant's words with the end of the turn
    /// and the line's end behind it; all else, images and the assistant's header too, has the label -100 (LLaVA-Qwen2).
    /// </summary>
    /// <param name="turns">The turns, the assistant's among them.</param>
    /// <exception cref="RecipesException">There is no turn.</exception>
    public (IReadOnlyList<int> Ids, IReadOnlyList<int> Labels) ChatToLearn(IReadOnlyList<ChatTurn> turns)
    {
        var (ids, labels) = (new List<int>(), new List<int>());
        foreach (var turn in WithSystem(turns))
        {
            var row = Turn(turn);
            var masked = turn.Role == ChatTurn.AssistantRole ? 1 + Encode(turn.Role + "\n").Count : row.Count;
            ids.AddRange(row);
            labels.AddRange(row.Select((id, i) => i < masked ? Unlearned : id));
        }
        return (ids, labels);
    }

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => _text.Pairs.Decode(ids);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Bytes(int id) => _text.Pairs.Bytes(id);

    private static IEnumerable<ChatTurn> WithSystem(IReadOnlyList<ChatTurn> turns)
    {
        if (turns.Count == 0)
            throw new RecipesException("a conversation of no turns: expected at least one. Give ChatTurn.User(\"...\").");
        return turns[0].Role == ChatTurn.SystemRole ? turns : [new ChatTurn(ChatTurn.SystemRole, "You are a helpful assistant."), .. turns];
    }

    // The text is encoded in the pieces between images, as LLaVA does.
    private List<int> Turn(ChatTurn turn)
    {
        var ids = new List<int> { TurnStart };
        var before = turn.Role + "\n";
        for (var i = 0; i < turn.Images; i++)
        {
            ids.AddRange(Encode(before));
            ids.Add(Image);
            before = "\n";
        }
        ids.AddRange(Encode(before + turn.Text));
        ids.Add(TurnEnd);
        ids.AddRange(Encode("\n"));
        return ids;
    }

    [GeneratedRegex(
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Words();
}
