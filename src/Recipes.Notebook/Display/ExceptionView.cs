using System.Net;

namespace Recipes.Notebook.Display;

internal sealed class ExceptionView(Exception exception) : IDisplay
{
    public string ToHtml() =>
        $"<details><summary>{WebUtility.HtmlEncode($"{exception.GetType().Name}: {exception.Message}")}</summary><pre>{WebUtility.HtmlEncode(exception.ToString())}</pre></details>";

    public override string ToString() => exception.ToString();
}
